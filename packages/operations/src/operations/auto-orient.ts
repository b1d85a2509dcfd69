import { z } from 'zod';
import { defineOperation } from '../define.js';

export const autoOrient = defineOperation({
  id: 'autoOrient',
  title: 'Auto-orient',
  description:
    'Turns the picture upright by its EXIF orientation. That is the default: disabled, as the first operation, the pixels stay as they are stored.',
  options: {
    enabled: z.boolean().default(true).meta({ description: 'false keeps the stored pixels' }),
  },
  stage: 'orient',
  frames: 'together',
  commutesWithShrink: true,
  size: (before) => before,
  // Sources are opened upright or as stored (see `opensUpright`), so that nothing is left to do here.
  apply: (image) => image,
  examples: [
    { title: 'Keep the pixels as stored', options: { enabled: false }, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});
