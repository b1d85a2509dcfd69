import { z } from 'zod';
import { defineOperation } from '../define.js';

export const sepia = defineOperation({
  id: 'sepia',
  title: 'Sepia',
  description: 'Gives the brown of an old photograph.',
  options: {
    intensity: z.number().min(0).max(1).default(1).meta({ description: '0 leaves the picture as it is, 1 is full sepia' }),
  },
  stage: 'own',
  frames: 'together',
  commutesWithShrink: true,
  size: (before) => before,
  apply: (image, { intensity: k }) =>
    image.recomb([
      [1 - k + 0.3588 * k, 0.7044 * k, 0.1368 * k],
      [0.299 * k, 1 - k + 0.587 * k, 0.114 * k],
      [0.2392 * k, 0.4696 * k, 1 - k + 0.0912 * k],
    ]),
  examples: [
    { title: 'No intensity, no change', options: { intensity: 0 }, pixel: [100, 150, 200], becomes: [100, 150, 200] },
    { title: 'Full sepia', options: {}, pixel: [100, 150, 200], becomes: [168, 140, 112] },
    { title: 'An old photograph', options: { intensity: 0.8 }, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});
