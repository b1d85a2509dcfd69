import { z } from 'zod';
import { defineFormat } from '../define.js';
import { animationOptions } from '../animation.js';

export const webp = defineFormat({
  id: 'webp',
  title: 'WebP',
  description: 'Smaller than JPEG and PNG, with transparency and animation.',
  mediaType: 'image/webp',
  extension: 'webp',
  options: {
    quality: z.int().min(1).max(100).default(80).meta({ description: 'Quality' }),
    alphaQuality: z.int().min(0).max(100).default(100).meta({ description: 'Quality of the transparency' }),
    lossless: z.boolean().default(false).meta({ description: 'Without loss' }),
    nearLossless: z.boolean().default(false).meta({ description: 'Almost without loss; `quality` says how nearly' }),
    smartSubsample: z.boolean().default(false).meta({ description: 'Sharper colours at edges' }),
    // sharp's `preset`, a word that means something else in an output.
    kind: z
      .enum(['default', 'photo', 'picture', 'drawing', 'icon', 'text'])
      .default('default')
      .meta({ description: 'What kind of picture it is' }),
    effort: z.int().min(0).max(6).default(4).meta({ description: 'CPU effort to reduce the size' }),
    minSize: z.boolean().default(false).meta({ description: 'Smaller animations, slowly' }),
    mixed: z.boolean().default(false).meta({ description: 'Frames with and without loss in one animation, slowly' }),
    ...animationOptions,
  },
  canAnimate: true,
  canAlpha: true,
  maxSide: 16_383,
  encode: (image, { kind, ...options }) => image.webp({ ...options, preset: kind }),
});
