import { z } from 'zod';
import { defineOperation } from '../define.js';
import { ImageError } from '../image-error.js';

export const crop = defineOperation({
  id: 'crop',
  title: 'Crop',
  description: 'Keeps a rectangle of the picture, given in pixels. It must lie inside the picture.',
  options: {
    left: z.int().min(0).max(65_535).meta({ description: 'Distance from the left edge, in pixels' }),
    top: z.int().min(0).max(65_535).meta({ description: 'Distance from the top edge, in pixels' }),
    width: z.int().min(1).max(65_535).meta({ description: 'Width of the rectangle, in pixels' }),
    height: z.int().min(1).max(65_535).meta({ description: 'Height of the rectangle, in pixels' }),
  },
  stage: 'extractBeforeResize',
  frames: 'together',
  commutesWithShrink: false,
  size(before, { left, top, width, height }) {
    if (left + width <= before.width && top + height <= before.height) return { width, height };
    throw new ImageError(
      'invalid_operation',
      `The crop of ${width}×${height} at ${left},${top} reaches outside the picture of ${before.width}×${before.height}.`,
    );
  },
  apply: (image, { left, top, width, height }) => image.extract({ left, top, width, height }),
  examples: [
    {
      title: 'The middle of a photograph',
      options: { left: 24, top: 16, width: 48, height: 32 },
      sample: 'photo',
      size: { width: 48, height: 32 },
    },
    {
      title: 'The corner of every frame',
      options: { left: 0, top: 0, width: 16, height: 16 },
      sample: 'animation',
      size: { width: 16, height: 16 },
    },
  ],
});
