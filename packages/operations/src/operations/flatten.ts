import { Colour } from '../colour.js';
import { defineOperation } from '../define.js';

export const flatten = defineOperation({
  id: 'flatten',
  title: 'Flatten',
  description: 'Puts the picture on a plain ground, which shows where it was transparent.',
  options: {
    // sharp's default is black; pictures with transparency are mostly drawn for light pages.
    background: Colour.default('#ffffff').meta({ description: 'The colour of the ground; its own transparency has no effect' }),
  },
  stage: 'flatten',
  frames: 'together',
  commutesWithShrink: true,
  size: (before) => before,
  apply: (image, { background }) => image.flatten({ background }),
  examples: [
    { title: 'Transparent shows the ground', options: { background: '#102030' }, pixel: [255, 0, 0, 0], becomes: [16, 32, 48] },
    { title: 'Opaque stays', options: {}, pixel: [10, 20, 30], becomes: [10, 20, 30] },
    { title: 'A drawing on white', options: {}, sample: 'icon', size: { width: 64, height: 64 } },
  ],
});
