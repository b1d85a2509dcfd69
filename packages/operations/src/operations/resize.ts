import type { ResizeOptions } from 'sharp';
import { z } from 'zod';
import { Colour } from '../colour.js';
import { defineOperation, type Size } from '../define.js';
import { gravities } from '../gravity.js';

const sides = ['top', 'right', 'bottom', 'left', 'right top', 'right bottom', 'left bottom', 'left top'] as const;
const strategies = ['entropy', 'attention'] as const;
const side = z.int().min(1).max(16_384);

export const resize = defineOperation({
  id: 'resize',
  title: 'Resize',
  description: 'Scales to a width, a height or both; with both, `fit` says how the picture meets the frame.',
  options: {
    width: side.optional().meta({ description: 'Width in pixels (times `dpr`); without it, it follows the height' }),
    height: side.optional().meta({ description: 'Height in pixels (times `dpr`); without it, it follows the width' }),
    fit: z.enum(['cover', 'contain', 'fill', 'inside', 'outside']).default('cover').meta({
      description:
        '`cover` fills the frame and crops, `contain` fits into it and pads, `fill` stretches, `inside` and `outside` keep the ratio and are at most or at least as large as the frame',
    }),
    position: z
      .enum([...gravities, ...sides, ...strategies])
      .default('centre')
      .meta({
        description:
          'What `cover` keeps and where `contain` puts it; `attention` and `entropy` look for what matters (in an animation, where the crop would jump from frame to frame, they mean `centre`)',
      }),
    background: Colour.default('#000000').meta({ description: 'The colour that `contain` pads with' }),
    kernel: z
      .enum(['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3', 'mks2013', 'mks2021'])
      .default('lanczos3')
      .meta({ description: 'The interpolation; `nearest` for pixel art' }),
    withoutEnlargement: z.boolean().default(false).meta({ description: 'Leave a picture that is smaller as it is' }),
    withoutReduction: z.boolean().default(false).meta({ description: 'Leave a picture that is larger as it is' }),
    dpr: z
      .number()
      .min(1)
      .max(5)
      .default(1)
      .meta({ description: 'Device pixel ratio, which width and height are multiplied by' }),
  },
  stage: 'resize',
  frames: 'together',
  commutesWithShrink: true,
  check({ width, height }, context) {
    if (width === undefined && height === undefined) {
      context.addIssue({ code: 'custom', path: ['width'], message: 'Expected a width, a height or both' });
    }
  },
  size: resizedSize,
  apply(image, options, { size, frames, shrunk }) {
    const { fit, position, background, kernel, withoutEnlargement, withoutReduction } = options;
    const scaled = scaledSize(size, options);
    const target = resizedSize(size, options);
    if (target.width === scaled.width && target.height === scaled.height) {
      const { width, height } = scaled;
      return image.resize(shrunk || frames > 1 ? { width, height, fit: 'fill', kernel } : { ...scaling(size, scaled), kernel });
    }
    const jumps = frames > 1 && (position === 'attention' || position === 'entropy');
    const place = { fit, position: jumps ? 'centre' : position, background };
    return image.resize({ ...target, ...place, kernel, withoutEnlargement, withoutReduction });
  },
  examples: [
    { title: 'A thumbnail of 40×40', options: { width: 40, height: 40 }, sample: 'photo', size: { width: 40, height: 40 } },
    { title: 'To a width, the height follows', options: { width: 41 }, sample: 'photo', size: { width: 41, height: 27 } },
    {
      title: 'Whole inside a frame, padded',
      options: { width: 50, height: 50, fit: 'contain', background: 'tomato' },
      sample: 'photo',
      size: { width: 50, height: 50 },
    },
    {
      title: 'Cropped to what draws attention',
      options: { width: 30, height: 60, position: 'attention' },
      sample: 'photo',
      size: { width: 30, height: 60 },
    },
    {
      title: 'For a screen of double density',
      options: { width: 20, height: 20, fit: 'inside', dpr: 2 },
      sample: 'photo',
      size: { width: 40, height: 27 },
    },
    {
      title: 'Never larger than it came',
      options: { width: 1000, withoutEnlargement: true },
      sample: 'icon',
      size: { width: 64, height: 64 },
    },
    { title: 'All frames of an animation', options: { width: 24 }, sample: 'animation', size: { width: 24, height: 16 } },
  ],
});

interface Options extends Partial<Record<'width' | 'height', number | undefined>> {
  readonly fit: 'cover' | 'contain' | 'fill' | 'inside' | 'outside';
  readonly withoutEnlargement: boolean;
  readonly withoutReduction: boolean;
  readonly dpr: number;
}

function resizedSize(before: Size, options: Options): Size {
  const { by: _, ...scaled } = scaledSize(before, options);
  const { width = scaled.width, height = scaled.height } = frameOf(options);
  if (options.fit === 'cover') return { width: Math.min(width, scaled.width), height: Math.min(height, scaled.height) };
  if (options.fit === 'contain') return { width: Math.max(width, scaled.width), height: Math.max(height, scaled.height) };
  return scaled;
}

/** The wanted size in pixels. */
function frameOf({ width, height, dpr }: Options): Partial<Size> {
  return {
    ...(width !== undefined && { width: Math.round(width * dpr) }),
    ...(height !== undefined && { height: Math.round(height * dpr) }),
  };
}

/** A size after scaling, and whose side was asked for: the other follows by the same factor, rounded. `both`: each has its own factor. */
export interface ScaledSize extends Size {
  readonly by: 'width' | 'height' | 'both';
}

/** The size of the whole picture after scaling and before a crop or padding: ResolveShrink of sharp, then the rounding of libvips. */
export function scaledSize(before: Size, options: Options): ScaledSize {
  const { width, height } = frameOf(options);
  const horizontal = width === undefined ? undefined : before.width / width;
  const vertical = height === undefined ? undefined : before.height / height;
  const factors = [horizontal, vertical].filter((factor) => factor !== undefined);
  const larger = options.fit === 'contain' || options.fit === 'inside';
  const common = larger ? Math.max(...factors) : Math.min(...factors);
  const alike = options.fit !== 'fill';
  const scaled = {
    width: scaledSide(before.width, alike ? common : (horizontal ?? 1), options),
    height: scaledSide(before.height, alike ? common : (vertical ?? 1), options),
  };
  if (!alike) return { ...scaled, by: 'both' };
  if (common === horizontal && scaled.width === width) return { ...scaled, by: 'width' };
  return { ...scaled, by: common === vertical && scaled.height === height ? 'height' : 'both' };
}

/**
 * What to ask sharp for to get a size. By one side it scales both alike, as for everybody who asks it for
 * one side. But it rounds the other from what a decoder may already have shrunk and rounded: where that could come out as a pixel
 * more or less, both are given.
 */
export function scaling(before: Size, { width, height, by }: ScaledSize): ResizeOptions {
  if (by === 'both' || !roundsAlike(before, { width, height }, by)) return { width, height, fit: 'fill' };
  return by === 'width' ? { width } : { height };
}

/** The factors by which the decoder of JPEG can shrink; libvips leaves out the pixels that are not whole then. */
const decoderShrinks = [1, 2, 4, 8];

function roundsAlike(before: Size, after: Size, by: 'width' | 'height'): boolean {
  const other = by === 'width' ? 'height' : 'width';
  return decoderShrinks.every((shrink) => {
    const factor = Math.floor(before[by] / shrink) / after[by];
    return factor < 1 || Math.round(Math.floor(before[other] / shrink) / factor) === after[other];
  });
}

function scaledSide(length: number, shrink: number, { withoutEnlargement, withoutReduction }: Options): number {
  let allowed = shrink;
  if (withoutReduction) allowed = Math.min(1, shrink);
  else if (withoutEnlargement) allowed = Math.max(1, shrink);
  return Math.max(1, Math.floor(length * (1 / allowed) + 0.5));
}
