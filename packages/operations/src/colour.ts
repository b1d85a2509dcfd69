/** Colours as CSS writes them. What passes here, sharp accepts: a wrong colour is told to the client, never thrown by a worker. */
import { z } from 'zod';
import { pickedUnion } from './picked-union.js';

/** The named colours of CSS, and `transparent`. */
export const colourNames = `
    aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown burlywood
    cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray
    darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen
    darkslateblue darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue
    firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew
    hotpink indianred indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan
    lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray
    lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine mediumblue mediumorchid
    mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream
    mistyrose moccasin navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen
    paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red rosybrown
    royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray slategrey snow
    springgreen steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen transparent
  `
  .trim()
  .split(/\s+/);

const channel = z.int().min(0).max(255);

const Channels = z.strictObject({
  r: channel.meta({ description: 'Red' }),
  g: channel.meta({ description: 'Green' }),
  b: channel.meta({ description: 'Blue' }),
  alpha: z.number().min(0).max(1).default(1).meta({ description: '0 is transparent, 1 opaque' }),
});

const Hex = z
  .string()
  .regex(/^#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/, 'Expected a colour as #rgb, #rgba, #rrggbb or #rrggbbaa');

const Name = z.enum(colourNames, { error: 'Expected a colour: #rgb, #rrggbb, #rrggbbaa, a CSS name, or {r, g, b, alpha}' });

export const Colour = pickedUnion([Hex, Name, Channels], (value) => {
  if (typeof value === 'object') return Channels;
  return typeof value === 'string' && value.startsWith('#') ? Hex : Name;
}).meta({
  id: 'Colour',
  description: '`#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, a CSS colour name, or `{"r":…,"g":…,"b":…,"alpha":…}`',
});
export type Colour = z.infer<typeof Colour>;
