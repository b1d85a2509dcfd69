import { z } from 'zod';
import { Colour } from '../colour.js';
import { defineOperation } from '../define.js';

const border = z.int().min(0).max(4096).default(0);

export const extend = defineOperation({
  id: 'extend',
  title: 'Extend',
  description: 'Adds to the edges: a colour, or pixels made from the picture.',
  options: {
    top: border.meta({ description: 'Pixels added above' }),
    bottom: border.meta({ description: 'Pixels added below' }),
    left: border.meta({ description: 'Pixels added on the left' }),
    right: border.meta({ description: 'Pixels added on the right' }),
    background: Colour.default('#000000').meta({ description: 'The colour of what is added' }),
    extendWith: z
      .enum(['background', 'copy', 'repeat', 'mirror'])
      .default('background')
      .meta({ description: 'What is added: the colour, the outermost pixels, the picture again, or its mirror image' }),
  },
  stage: 'extend',
  frames: 'together',
  commutesWithShrink: false,
  size: ({ width, height }, { top, bottom, left, right }) => ({ width: width + left + right, height: height + top + bottom }),
  apply(image, { top, bottom, left, right, background, extendWith }) {
    return image.extend({ top, bottom, left, right, background, extendWith });
  },
  examples: [
    {
      title: 'A frame around a photograph',
      options: { top: 4, bottom: 8, left: 4, right: 4, background: 'white' },
      sample: 'photo',
      size: { width: 104, height: 76 },
    },
    {
      title: 'Mirrored to the left',
      options: { left: 32, extendWith: 'mirror' },
      sample: 'photo',
      size: { width: 128, height: 64 },
    },
    {
      title: 'Around every frame',
      options: { top: 2, left: 2, background: '#0a0' },
      sample: 'animation',
      size: { width: 50, height: 34 },
    },
  ],
});
