import { z } from 'zod';
import { animationOptions } from '../animation.js';
import { defineFormat } from '../define.js';

export const gif = defineFormat({
  id: 'gif',
  title: 'GIF',
  description: 'Animations that play everywhere, in 256 colours.',
  mediaType: 'image/gif',
  extension: 'gif',
  options: {
    colours: z.int().min(2).max(256).default(256).meta({ description: 'The most colours in a palette, transparency included' }),
    effort: z.int().min(1).max(10).default(7).meta({ description: 'CPU effort to reduce the size' }),
    dither: z.number().min(0).max(1).default(1).meta({ description: 'Error diffusion between the colours of the palette' }),
    progressive: z.boolean().default(false).meta({ description: 'Appear in full early and sharpen while it loads' }),
    interFrameMaxError: z
      .number()
      .min(0)
      .max(32)
      .default(0)
      .meta({ description: 'How far a pixel may differ and count as unchanged' }),
    interPaletteMaxError: z
      .number()
      .min(0)
      .max(256)
      .default(3)
      .meta({ description: 'How far frames may differ and share a palette' }),
    ...animationOptions,
  },
  canAnimate: true,
  canAlpha: true,
  maxSide: 65_535,
  encode: (image, options) => image.gif(options),
});
