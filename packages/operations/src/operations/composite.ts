import { z } from 'zod';
import { defineOperation, ImageReference } from '../define.js';
import { Gravity, placed } from '../gravity.js';
import { overlayOf, visible } from '../overlay.js';

const blends = [
  'over',
  'in',
  'out',
  'atop',
  'dest-over',
  'dest-in',
  'dest-out',
  'dest-atop',
  'xor',
  'add',
  'saturate',
  'multiply',
  'screen',
  'overlay',
  'darken',
  'lighten',
  'color-dodge',
  'color-burn',
  'hard-light',
  'soft-light',
  'difference',
  'exclusion',
] as const;
const offset = z.int().min(-65_535).max(65_535).optional();

export const composite = defineOperation({
  id: 'composite',
  title: 'Composite',
  description:
    'Lays a second image over the picture, pixel for pixel, with a blend mode. For a logo that grows with the picture, see `watermark`.',
  options: {
    image: ImageReference,
    gravity: Gravity.default('centre').meta({ description: 'Where it lies, unless `left` and `top` say so' }),
    left: offset.meta({
      description: 'Distance of its left edge from the left edge of the picture; what hangs over is not drawn',
    }),
    top: offset.meta({ description: 'Distance of its top edge from the top edge of the picture; what hangs over is not drawn' }),
    blend: z.enum(blends).default('over').meta({ description: 'How the two are mixed' }),
    tile: z.boolean().default(false).meta({ description: 'Repeat it over the whole picture' }),
    opacity: z.number().min(0).max(1).default(1).meta({ description: '0 is invisible, 1 as it is' }),
  },
  stage: 'composite',
  frames: 'separately',
  commutesWithShrink: false,
  check({ left, top }, context) {
    if ((left === undefined) === (top === undefined)) return;
    context.addIssue({
      code: 'custom',
      path: [left === undefined ? 'left' : 'top'],
      message: 'Expected both left and top, or none',
    });
  },
  size: (before) => before,
  images: ({ image }) => [image],
  async apply(image, { image: reference, gravity, left, top, blend, tile, opacity }, { size, image: file, open }) {
    const overlay = await overlayOf(open(file(reference)).autoOrient(), opacity);
    const at = left === undefined || top === undefined ? placed(overlay, size, gravity) : { left, top };
    const part = visible(overlay, at, size);
    if (!part) return image;
    if (!tile) return image.composite([{ ...part, blend }]);
    const { left: _left, top: _top, ...tiled } = part;
    return image.composite([{ ...tiled, gravity, tile, blend }]);
  },
  examples: [
    {
      title: 'In the middle',
      options: { image: { upload_id: '0198c0de-0000-7000-8000-000000000001' } },
      sample: 'photo',
      size: { width: 96, height: 64 },
    },
    {
      title: 'Hanging over the corner, multiplied',
      options: {
        image: { upload_id: '0198c0de-0000-7000-8000-000000000001' },
        left: 70,
        top: -20,
        blend: 'multiply',
        opacity: 0.5,
      },
      sample: 'photo',
      size: { width: 96, height: 64 },
    },
    {
      title: 'All over, in every frame',
      options: { image: { upload_id: '0198c0de-0000-7000-8000-000000000001' }, tile: true, opacity: 0.3 },
      sample: 'animation',
      size: { width: 48, height: 32 },
    },
  ],
});
