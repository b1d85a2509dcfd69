import { z } from 'zod';
import { defineFormat } from '../define.js';

export const png = defineFormat({
  id: 'png',
  title: 'PNG',
  description: 'Without loss, with transparency. With `palette`, few colours and small files.',
  mediaType: 'image/png',
  extension: 'png',
  options: {
    compressionLevel: z.int().min(0).max(9).default(6).meta({ description: 'Effort of the compression' }),
    progressive: z.boolean().default(false).meta({ description: 'Appear in full early and sharpen while it loads' }),
    adaptiveFiltering: z.boolean().default(false).meta({ description: 'Choose a filter for every row: slower, often smaller' }),
    palette: z.boolean().default(false).meta({ description: 'Reduce to a palette; what follows has an effect only with it' }),
    quality: z.int().min(1).max(100).default(100).meta({ description: 'Use the fewest colours that reach this quality' }),
    colours: z.int().min(2).max(256).default(256).meta({ description: 'The most colours in the palette' }),
    effort: z.int().min(1).max(10).default(7).meta({ description: 'CPU effort for the palette' }),
    dither: z.number().min(0).max(1).default(1).meta({ description: 'Error diffusion between the colours of the palette' }),
  },
  canAnimate: false,
  canAlpha: true,
  maxSide: 1_000_000,
  encode: (image, { palette, quality, colours, effort, dither, ...plain }) =>
    image.png({ ...plain, palette, ...(palette && { quality, colours, effort, dither }) }),
});
