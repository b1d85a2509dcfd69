import { z } from 'zod';
import { defineOperation } from '../define.js';

export const gamma = defineOperation({
  id: 'gamma',
  title: 'Gamma',
  description: 'Brightens (above 1) or darkens (below 1) the middle tones; black and white stay.',
  options: {
    gamma: z.number().min(0.4).max(3).default(2.2).meta({ description: 'The exponent: every value v becomes v^(1/gamma)' }),
  },
  stage: 'own',
  frames: 'together',
  commutesWithShrink: true,
  size: (before) => before,
  // sharp knows exponents from 1: its first argument darkens before a resize, its second brightens after it.
  apply: (image, { gamma: exponent }) => (exponent < 1 ? image.gamma(1 / exponent, 1) : image.gamma(1, exponent)),
  examples: [
    { title: 'Middle tones grow brighter', options: { gamma: 2 }, pixel: [64, 128, 255], becomes: [127, 180, 255] },
    { title: 'Below 1 they grow darker', options: { gamma: 0.5 }, pixel: [64, 128, 255], becomes: [16, 64, 255] },
  ],
});
