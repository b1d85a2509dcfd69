import { Colour } from '../colour.js';
import { defineOperation } from '../define.js';

export const tint = defineOperation({
  id: 'tint',
  title: 'Tint',
  description: 'Gives the picture shades of a single colour. Lightness and transparency stay.',
  options: {
    tint: Colour.meta({ description: 'The colour' }),
  },
  stage: 'tint',
  frames: 'together',
  commutesWithShrink: true,
  size: (before) => before,
  apply: (image, { tint: colour }) => image.tint(colour),
  examples: [
    { title: 'Black stays black', options: { tint: 'gold' }, pixel: [0, 0, 0], becomes: [0, 0, 0] },
    { title: 'A photograph in blue', options: { tint: '#3060ff' }, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});
