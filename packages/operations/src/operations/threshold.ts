import { z } from 'zod';
import { defineOperation } from '../define.js';

export const threshold = defineOperation({
  id: 'threshold',
  title: 'Threshold',
  description: 'Makes every pixel black or white, or every channel empty or full.',
  options: {
    threshold: z.int().min(1).max(255).default(128).meta({ description: 'Values from here on become 255, others 0' }),
    grayscale: z.boolean().default(true).meta({ description: 'Turn to gray first; false judges each channel by itself' }),
  },
  stage: 'own',
  frames: 'together',
  commutesWithShrink: false,
  size: (before) => before,
  apply: (image, { threshold: from, grayscale }) => image.threshold(from, { grayscale }),
  examples: [
    { title: 'Bright becomes white', options: {}, pixel: [200, 180, 160], becomes: [255, 255, 255] },
    { title: 'Dark becomes black', options: {}, pixel: [90, 80, 70], becomes: [0, 0, 0] },
    { title: 'Channel by channel', options: { grayscale: false }, pixel: [200, 80, 160], becomes: [255, 0, 255] },
  ],
});
