import { z } from 'zod';
import { Colour } from '../colour.js';
import { defineOperation, type Size } from '../define.js';

export const rotate = defineOperation({
  id: 'rotate',
  title: 'Rotate',
  description: 'Turns clockwise: by a multiple of 90 without loss, by any other angle with the corners filled.',
  options: {
    angle: z.number().min(-360).max(360).meta({ description: 'Degrees clockwise' }),
    background: Colour.default('#000000').meta({ description: 'The colour of the corners that a free angle leaves' }),
  },
  stage: 'own',
  frames: 'separately',
  commutesWithShrink: false,
  size: rotatedSize,
  apply: (image, { angle, background }) => image.rotate(angle, { background }),
  examples: [
    { title: 'A quarter to the right', options: { angle: 90 }, sample: 'photo', size: { width: 64, height: 96 } },
    { title: 'Upside down, each frame', options: { angle: 180 }, sample: 'animation', size: { width: 48, height: 32 } },
    {
      title: 'A little askew, on a transparent ground',
      options: { angle: -7.5, background: 'transparent' },
      sample: 'photo',
      size: { width: 104, height: 76 },
    },
  ],
});

function rotatedSize({ width, height }: Size, { angle }: { angle: number }): Size {
  if (angle % 180 === 0) return { width, height };
  if (angle % 90 === 0) return { width: height, height: width };
  const radians = (angle * Math.PI) / 180;
  const sine = Math.abs(Math.sin(radians));
  const cosine = Math.abs(Math.cos(radians));
  return { width: Math.floor(width * cosine + height * sine + 0.5), height: Math.floor(width * sine + height * cosine + 0.5) };
}
