import { z } from 'zod';
import { defineOperation } from '../define.js';

export const pixelate = defineOperation({
  id: 'pixelate',
  title: 'Pixelate',
  description: 'Shows the picture as large squares of their average colours.',
  options: {
    size: z.int().min(2).max(512).default(16).meta({ description: 'Side of a square, in pixels' }),
  },
  stage: 'own',
  frames: 'separately',
  commutesWithShrink: false,
  size: (before) => before,
  async apply(image, { size: side }, { size: { width, height }, open }) {
    const right = (side - (width % side)) % side;
    const bottom = (side - (height % side)) % side;
    const whole = await image.extend({ right, bottom, extendWith: 'copy' }).raw().toBuffer({ resolveWithObject: true });
    const squares = await open(whole.data, whole.info)
      .resize({ width: (width + right) / side, height: (height + bottom) / side, fit: 'fill', kernel: 'linear' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const enlarged = { width: width + right, height: height + bottom, fit: 'fill', kernel: 'nearest' } as const;
    return open(squares.data, squares.info).resize(enlarged).extract({ left: 0, top: 0, width, height });
  },
  examples: [
    { title: 'A plain colour stays', options: { size: 3 }, pixel: [7, 8, 9], becomes: [7, 8, 9] },
    { title: 'In squares of 10', options: { size: 10 }, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});
