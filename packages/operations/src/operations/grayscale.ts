import { defineOperation } from '../define.js';

export const grayscale = defineOperation({
  id: 'grayscale',
  title: 'Grayscale',
  description: 'Turns colours to 256 shades of gray. The result has a single channel where the format can hold one.',
  options: {},
  stage: 'toColourspace',
  frames: 'together',
  commutesWithShrink: true,
  size: (before) => before,
  // sharp's grayscale() keeps three channels of the same values and takes the colour from later extensions and tints.
  apply: (image) => image.toColourspace('b-w'),
  examples: [
    { title: 'Pure red is a middle gray', options: {}, pixel: [255, 0, 0], becomes: [127, 127, 127] },
    { title: 'Transparency stays', options: {}, pixel: [40, 40, 40, 128], becomes: [40, 40, 40, 128] },
    { title: 'A photograph in black and white', options: {}, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});
