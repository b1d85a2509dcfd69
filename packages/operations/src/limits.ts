/** How large a picture may be: what goes in, and what comes out. */
import { z } from 'zod';

export const inputFormats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const;
export type InputFormat = (typeof inputFormats)[number];

export interface ImageLimits {
  /** Width × height × frames of the source. */
  readonly inputPixels: number;
  readonly inputFrames: number;
  /** Width × height × frames of every image that a pipeline makes, also on its way. */
  readonly outputPixels: number;
  /** The longest side of an output in pixels; a format's own `maxSide` holds beside it. */
  readonly outputSide: number;
  readonly inputFormats: readonly InputFormat[];
}

/** The environment variables that concern whoever takes files in. */
export const incomingFileSettings = {
  UPLOAD_MAX_BYTES: z
    .int()
    .min(1024)
    .default(25 * 1024 * 1024)
    .meta({ description: 'Largest image that is accepted, in bytes' }),
  INPUT_FORMATS: z
    .array(z.enum(inputFormats))
    .min(1)
    .default([...inputFormats])
    .meta({ description: 'Formats of sources; one that is left out is refused, and its decoder is never run' }),
};

/** The environment variables that bound the work on images. */
export const imageLimitSettings = {
  ...incomingFileSettings,
  INPUT_MAX_PIXELS: z
    .int()
    .min(1)
    .default(50_000_000)
    .meta({ description: 'Pixels that a source may have, over all its frames' }),
  INPUT_MAX_FRAMES: z.int().min(1).default(256).meta({ description: 'Frames that an animated source may have' }),
  OUTPUT_MAX_PIXELS: z
    .int()
    .min(1)
    .default(50_000_000)
    .meta({ description: 'Pixels that an image may have on its way through a pipeline and at its end, over all its frames' }),
  OUTPUT_MAX_SIDE: z
    .int()
    .min(1)
    .default(16_384)
    .meta({ description: 'Width and height that an image may have there; a format may have a lower limit of its own' }),
};
type ImageLimitSettings = z.output<z.ZodObject<typeof imageLimitSettings>>;

export function imageLimits(settings: ImageLimitSettings): ImageLimits {
  return {
    inputFormats: settings.INPUT_FORMATS,
    inputPixels: settings.INPUT_MAX_PIXELS,
    inputFrames: settings.INPUT_MAX_FRAMES,
    outputPixels: settings.OUTPUT_MAX_PIXELS,
    outputSide: settings.OUTPUT_MAX_SIDE,
  };
}

export const defaultLimits = imageLimits(z.object(imageLimitSettings).parse({}));
