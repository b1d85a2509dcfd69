import { z } from 'zod';
import { defineOperation } from '../define.js';

export const sharpen = defineOperation({
  id: 'sharpen',
  title: 'Sharpen',
  description: 'Sharpens the lightness, with control over flat and jagged areas. Useful after a reduction.',
  options: {
    sigma: z.number().min(0.01).max(10).default(1).meta({ description: 'Sigma of the Gaussian mask, in pixels' }),
    m1: z.number().min(0).max(100).default(1).meta({ description: 'How much flat areas are sharpened' }),
    m2: z.number().min(0).max(100).default(2).meta({ description: 'How much jagged areas are sharpened' }),
    x1: z.number().min(0).max(100).default(2).meta({ description: 'Threshold between flat and jagged' }),
    y2: z.number().min(0).max(100).default(10).meta({ description: 'The most that pixels are brightened' }),
    y3: z.number().min(0).max(100).default(20).meta({ description: 'The most that pixels are darkened' }),
  },
  stage: 'sharpen',
  frames: 'separately',
  commutesWithShrink: false,
  size: (before) => before,
  apply: (image, { sigma, m1, m2, x1, y2, y3 }) => image.sharpen({ sigma, m1, m2, x1, y2, y3 }),
  examples: [
    { title: 'A plain colour stays', options: {}, pixel: [120, 60, 200], becomes: [120, 60, 200] },
    { title: 'Crisper edges', options: { sigma: 1.5 }, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});
