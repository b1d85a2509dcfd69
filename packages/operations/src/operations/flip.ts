import { defineOperation } from '../define.js';

export const flip = defineOperation({
  id: 'flip',
  title: 'Flip',
  description: 'Mirrors top to bottom.',
  options: {},
  stage: 'flip',
  // In one call the frames lie below one another: they would change their order too.
  frames: 'separately',
  commutesWithShrink: true,
  size: (before) => before,
  apply: (image) => image.flip(),
  examples: [
    { title: 'Top to bottom', options: {}, sample: 'photo', size: { width: 96, height: 64 } },
    { title: 'Each frame of an animation', options: {}, sample: 'animation', size: { width: 48, height: 32 } },
  ],
});
