import { z } from 'zod';
import { defineOperation } from '../define.js';

export const median = defineOperation({
  id: 'median',
  title: 'Median',
  description: 'Removes specks: every pixel becomes the median of its neighbourhood.',
  options: {
    size: z.int().min(1).max(25).default(3).meta({ description: 'Side of the square neighbourhood, in pixels' }),
  },
  stage: 'own',
  frames: 'separately',
  commutesWithShrink: false,
  size: (before) => before,
  apply: (image, { size }) => image.median(size),
  examples: [
    { title: 'A plain colour stays', options: {}, pixel: [1, 2, 3], becomes: [1, 2, 3] },
    { title: 'Without specks', options: { size: 5 }, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});
