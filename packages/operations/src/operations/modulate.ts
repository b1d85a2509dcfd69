import { z } from 'zod';
import { defineOperation } from '../define.js';

export const modulate = defineOperation({
  id: 'modulate',
  title: 'Modulate',
  description: 'Changes brightness, saturation, hue and lightness.',
  options: {
    brightness: z.number().min(0).max(10).default(1).meta({ description: 'Factor of the brightness; 1 changes nothing' }),
    saturation: z
      .number()
      .min(0)
      .max(10)
      .default(1)
      .meta({ description: 'Factor of the saturation; 0 is gray, 1 changes nothing' }),
    hue: z.int().min(-360).max(360).default(0).meta({ description: 'Degrees by which the hue turns' }),
    lightness: z.number().min(-100).max(100).default(0).meta({ description: 'Added to the lightness, which goes from 0 to 100' }),
  },
  stage: 'own',
  frames: 'together',
  commutesWithShrink: true,
  size: (before) => before,
  apply: (image, { brightness, saturation, hue, lightness }) => image.modulate({ brightness, saturation, hue, lightness }),
  examples: [
    { title: 'Nothing asked, nothing changed', options: {}, pixel: [60, 120, 180], becomes: [60, 120, 180] },
    { title: 'Without light, black', options: { brightness: 0, saturation: 0 }, pixel: [60, 120, 180], becomes: [0, 0, 0] },
    {
      title: 'Brighter and more vivid',
      options: { brightness: 1.2, saturation: 1.5 },
      sample: 'photo',
      size: { width: 96, height: 64 },
    },
  ],
});
