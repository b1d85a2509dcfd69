import { defineOperation } from '../define.js';

export const flop = defineOperation({
  id: 'flop',
  title: 'Flop',
  description: 'Mirrors left to right.',
  options: {},
  stage: 'flop',
  frames: 'together',
  commutesWithShrink: true,
  size: (before) => before,
  apply: (image) => image.flop(),
  examples: [{ title: 'Left to right', options: {}, sample: 'photo', size: { width: 96, height: 64 } }],
});
