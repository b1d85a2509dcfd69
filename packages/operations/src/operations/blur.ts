import { z } from 'zod';
import { defineOperation } from '../define.js';

export const blur = defineOperation({
  id: 'blur',
  title: 'Blur',
  description: 'Blurs with a Gaussian mask.',
  options: {
    sigma: z.number().min(0.3).max(100).default(3).meta({ description: 'Sigma of the Gaussian mask, in pixels' }),
  },
  stage: 'blur',
  // In one call the frames lie below one another, and the blur would carry colour from one to the next.
  frames: 'separately',
  commutesWithShrink: false,
  size: (before) => before,
  apply: (image, { sigma }) => image.blur(sigma),
  examples: [
    { title: 'A plain colour stays', options: { sigma: 2 }, pixel: [10, 20, 30], becomes: [10, 20, 30] },
    { title: 'A photograph out of focus', options: { sigma: 4 }, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});
