import { z } from 'zod';
import { defineOperation } from '../define.js';

export const negate = defineOperation({
  id: 'negate',
  title: 'Negate',
  description: 'Turns the colours to their opposites, as in a photographic negative.',
  options: {
    // sharp's default is true, which makes an opaque picture with an alpha channel vanish.
    alpha: z.boolean().default(false).meta({ description: 'Negate the transparency too' }),
  },
  stage: 'negate',
  frames: 'together',
  commutesWithShrink: true,
  size: (before) => before,
  apply: (image, { alpha }) => image.negate({ alpha }),
  examples: [
    { title: 'A negative', options: {}, pixel: [10, 20, 30], becomes: [245, 235, 225] },
    { title: 'Transparency stays', options: {}, pixel: [10, 20, 30, 200], becomes: [245, 235, 225, 200] },
    { title: 'Transparency too', options: { alpha: true }, pixel: [10, 20, 30, 200], becomes: [245, 235, 225, 55] },
  ],
});
