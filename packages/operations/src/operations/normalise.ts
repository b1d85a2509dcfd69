import { z } from 'zod';
import { defineOperation } from '../define.js';

export const normalise = defineOperation({
  id: 'normalise',
  title: 'Normalise',
  description: 'Stretches the luminance to cover the full range: more contrast for pale pictures.',
  options: {
    lower: z.int().min(0).max(99).default(1).meta({ description: 'The percentile below which pixels become black' }),
    upper: z.int().min(1).max(100).default(99).meta({ description: 'The percentile above which pixels become white' }),
  },
  stage: 'normalise',
  frames: 'together',
  commutesWithShrink: false,
  check({ lower, upper }, context) {
    if (lower >= upper) context.addIssue({ code: 'custom', path: ['lower'], message: 'Expected to be less than upper' });
  },
  size: (before) => before,
  apply: (image, { lower, upper }) => image.normalise({ lower, upper }),
  examples: [
    { title: 'A plain colour has nothing to stretch', options: {}, pixel: [90, 90, 90], becomes: [90, 90, 90] },
    { title: 'More contrast', options: {}, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});
