import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Colour } from '../colour.js';
import { defineOperation, type OperationContext, type Size } from '../define.js';
import { Gravity, placed } from '../gravity.js';
import { ImageError } from '../image-error.js';
import { type Overlay, overlayOf, visible } from '../overlay.js';

/** The fonts that come with this package, by the name under which Pango finds them in their file. */
const fonts = {
  'DejaVu Sans': 'DejaVuSans.ttf',
  'DejaVu Sans Bold': 'DejaVuSans-Bold.ttf',
} as const;
type Font = keyof typeof fonts;
const fontNames = Object.keys(fonts) as [Font, ...Font[]];

/** At least one character that shows, and none that Pango's markup cannot hold. */
const writable = /^(?=[^]*[\p{L}\p{N}\p{P}\p{S}])(?:[^\p{Cc}\p{Cs}]|\n)*$/u;

const textOptions = {
  text: z
    .string()
    .min(1)
    .max(500)
    .regex(writable, 'Expected something to read, without control characters')
    .meta({ description: 'The text; line breaks are kept, markup has no meaning' }),
  font: z.enum(fontNames).default('DejaVu Sans').meta({ description: 'The font' }),
  size: z.int().min(4).max(1000).default(32).meta({ description: 'Size of the font, in pixels' }),
  color: Colour.default('#ffffff').meta({ description: 'Colour of the letters' }),
  align: z.enum(['left', 'centre', 'right']).default('left').meta({ description: 'How several lines are set' }),
  position: Gravity.default('south').meta({ description: 'Where the text lies' }),
  margin: z.int().min(0).max(4096).default(16).meta({ description: 'Distance from the edges, in pixels' }),
  background: Colour.optional().meta({ description: 'Colour of a box behind the text; none without it' }),
  opacity: z.number().min(0).max(1).default(1).meta({ description: '0 is invisible, 1 as it is; of text and box' }),
};
type Options = z.output<z.ZodObject<typeof textOptions>>;

export const text = defineOperation({
  id: 'text',
  title: 'Text',
  description: 'Writes a text over the picture. Long lines wrap at its width; what does not fit is cut off.',
  options: textOptions,
  stage: 'composite',
  frames: 'separately',
  commutesWithShrink: false,
  size(before, options) {
    const letters = largestSize(before, options);
    if (letters.width * letters.height <= 2 * before.width * before.height + 1_000_000) return before;
    throw new ImageError(
      'invalid_operation',
      `The text, in letters of ${options.size} pixels, is far too large for the picture.`,
    );
  },
  async apply(image, options, context) {
    const overlay = await drawn(options, context);
    const part = visible(overlay, placed(overlay, context.size, options.position, options.margin), context.size);
    return part ? image.composite([part]) : image;
  },
  examples: [
    {
      title: 'A caption',
      options: { text: 'Søren & <Ada>', size: 12, margin: 4 },
      sample: 'photo',
      size: { width: 96, height: 64 },
    },
    {
      title: 'On a box, in the corner',
      options: {
        text: 'Draft\n№ 7',
        font: 'DejaVu Sans Bold',
        size: 14,
        align: 'centre',
        position: 'northeast',
        margin: 2,
        color: 'black',
        background: '#ffcc00cc',
      },
      sample: 'photo',
      size: { width: 96, height: 64 },
    },
  ],
});

/** Width of the box that shows around the letters, on each side. */
function paddingOf({ background, size }: Options): number {
  return background === undefined ? 0 : Math.ceil(size / 3);
}

function wrappedAt({ width }: Size, options: Options): number {
  return Math.max(1, width - 2 * (options.margin + paddingOf(options)));
}

/** No text is drawn larger than this: Pango draws all of it, also what does not fit. */
function largestSize(picture: Size, options: Options): Size {
  const widest = 1.1 * options.size;
  const wrapAt = wrappedAt(picture, options);
  const lines = options.text.split('\n').map((line) => Math.max(1, Math.ceil((line.length * widest) / wrapAt)));
  return { width: Math.max(wrapAt, widest), height: 1.2 * options.size * lines.reduce((sum, count) => sum + count, 0) };
}

/** The letters in their colour, on their box if they have one. */
async function drawn(options: Options, { size, open }: OperationContext): Promise<Overlay> {
  const letters = await mask(options, wrappedAt(size, options), open);
  const { width, height } = letters;
  const padding = paddingOf(options);
  const coloured = open({ create: { width, height, channels: 4, background: options.color } }).composite([
    { input: letters.data, raw: { width, height, channels: 4 }, blend: 'dest-in' },
  ]);
  if (options.background === undefined) return overlayOf(coloured, options.opacity);
  const { data } = await overlayOf(coloured, 1);
  const box = { width: width + 2 * padding, height: height + 2 * padding, channels: 4, background: options.background } as const;
  const boxed = open({ create: box }).composite([
    { input: data, raw: { width, height, channels: 4 }, left: padding, top: padding },
  ]);
  return overlayOf(boxed, options.opacity);
}

/** The letters in black with alpha. */
async function mask(options: Options, wrapAt: number, open: OperationContext['open']): Promise<Overlay> {
  const letters = open({
    text: {
      text: escaped(options.text),
      font: `${options.font} ${options.size}`,
      fontfile: fileURLToPath(new URL(`../../fonts/${fonts[options.font]}`, import.meta.url)),
      // A point is a pixel at this resolution.
      dpi: 72,
      width: wrapAt,
      wrap: 'word-char',
      align: options.align,
    },
  });
  const { data, info } = await letters.raw().toBuffer({ resolveWithObject: true });
  const pixels = Buffer.alloc(info.width * info.height * 4);
  for (let pixel = 0; pixel < info.width * info.height; pixel++)
    pixels.writeUInt8(data.readUInt8(pixel * info.channels), pixel * 4 + 3);
  return { data: pixels, width: info.width, height: info.height };
}

/** sharp hands the text to Pango, which reads it as markup. */
function escaped(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
