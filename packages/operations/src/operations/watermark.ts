import { z } from 'zod';
import { defineOperation, ImageReference } from '../define.js';
import { Gravity, placed } from '../gravity.js';
import { overlayOf, visible } from '../overlay.js';

export const watermark = defineOperation({
  id: 'watermark',
  title: 'Watermark',
  description:
    'Lays a logo over the picture, sized in proportion to it, so that one recipe suits pictures of all sizes. For exact pixels, see `composite`.',
  options: {
    image: ImageReference,
    position: Gravity.default('southeast').meta({ description: 'Where it lies' }),
    margin: z.int().min(0).max(4096).default(16).meta({ description: 'Distance from the edges, in pixels' }),
    scale: z.number().min(0.01).max(1).default(0.2).meta({ description: 'Its width relative to the width of the picture' }),
    opacity: z.number().min(0).max(1).default(0.6).meta({ description: '0 is invisible, 1 as it is' }),
  },
  stage: 'composite',
  frames: 'separately',
  commutesWithShrink: false,
  size: (before) => before,
  images: ({ image }) => [image],
  async apply(image, { image: reference, position, margin, scale, opacity }, { size, image: file, open }) {
    const width = Math.max(1, Math.round(size.width * scale));
    const logo = open(file(reference)).autoOrient().resize({ width, height: size.height, fit: 'inside' });
    const overlay = await overlayOf(logo, opacity);
    const part = visible(overlay, placed(overlay, size, position, margin), size);
    return part ? image.composite([part]) : image;
  },
  examples: [
    {
      title: 'In the lower right corner',
      options: { image: { upload_id: '0198c0de-0000-7000-8000-000000000001' }, margin: 4 },
      sample: 'photo',
      size: { width: 96, height: 64 },
    },
    {
      title: 'Large and faint in the middle',
      options: { image: { upload_id: '0198c0de-0000-7000-8000-000000000001' }, position: 'centre', scale: 0.6, opacity: 0.25 },
      sample: 'photo',
      size: { width: 96, height: 64 },
    },
  ],
});
