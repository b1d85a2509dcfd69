/** An image between two sharp pipelines: its pixels, and what has to be known to go on from them. */
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import type { Size } from '../define.js';
import type { Area } from '../plan.js';

export interface Picture {
  /**
   * Of one frame, as the pipeline counts: where the source was decoded smaller this is still the size that it would have,
   * until a resize makes both equal.
   */
  readonly size: Size;
  /** How many frames it holds. */
  readonly frames: number;
  /** Whether it has one colour channel. */
  readonly gray: boolean;
  /** Whether it carries the source's colour profile, because the output is to have it. */
  readonly profiled: boolean;
  /** Whether it carries the source's EXIF, because the output is to have it; animations lose it in memory. */
  readonly tagged: boolean;
  /** Whether it has fewer pixels than `size` says. */
  readonly shrunk: boolean;
  /** `file`: not decoded yet; `turning`: nor turned upright yet, which happens in the next pipeline; `pixels`: in memory. */
  readonly state: 'file' | 'turning' | 'pixels';
  /** Starts a sharp pipeline from it, or from one of its frames. */
  open(frame?: number): Sharp;
}

type Facts = Pick<Picture, 'frames' | 'gray' | 'profiled' | 'tagged' | 'shrunk'> & { readonly size: Size | undefined };

/** Runs a sharp pipeline and holds its pixels. */
export async function materialise(image: Sharp, facts: Facts): Promise<Picture> {
  // Raw pixels are cheapest but carry no profile, and of gray pixels sharp hands out no alpha channel.
  return facts.profiled || facts.gray || facts.tagged ? carried(image, facts) : rawPixels(image, facts);
}

/** Sets the colour space in which a pipeline ends. A profile is for three channels: for one, sharp converts by it before. */
export function withColours(image: Sharp, { gray, profiled }: Pick<Picture, 'gray' | 'profiled'>): Sharp {
  if (gray) return image.toColourspace('b-w');
  return profiled ? image.toColourspace('srgb').keepIccProfile() : image.toColourspace('srgb');
}

async function rawPixels(image: Sharp, facts: Facts): Promise<Picture> {
  const { data, info } = await image.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return rawPicture(data, { width: info.width, height: info.height / facts.frames }, info.channels, facts);
}

/** The picture of raw sRGB pixels, frames below one another. */
export function rawPicture(
  data: Buffer,
  pixels: Size,
  channels: 1 | 2 | 3 | 4,
  facts: Pick<Facts, 'frames' | 'size' | 'shrunk'>,
): Picture {
  const bytes = data.length / facts.frames;
  return {
    frames: facts.frames,
    size: facts.size ?? pixels,
    gray: false,
    profiled: false,
    tagged: false,
    shrunk: facts.shrunk,
    state: 'pixels',
    open(frame) {
      if (facts.frames === 1 || frame !== undefined) {
        const start = (frame ?? 0) * bytes;
        return openOwn(data.subarray(start, start + bytes), { raw: { ...pixels, channels } });
      }
      const raw = { width: pixels.width, height: pixels.height * facts.frames, channels, pageHeight: pixels.height };
      return openOwn(data, { raw, animated: true });
    },
  };
}

async function carried(image: Sharp, facts: Facts): Promise<Picture> {
  // Of the two TIFF is cheaper and holds frames, PNG holds EXIF.
  const tagged = facts.tagged && facts.frames === 1;
  const coloured = withColours(image, facts);
  const encoded = tagged
    ? coloured.keepExif().png({ compressionLevel: 0 })
    : coloured.tiff({ compression: 'none', predictor: 'none' });
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
  return {
    ...facts,
    tagged,
    profiled: facts.profiled && !facts.gray,
    size: facts.size ?? { width: info.width, height: info.height / facts.frames },
    state: 'pixels',
    open: (frame) => openOwn(data, frame === undefined ? { animated: facts.frames > 1 } : { page: frame }),
  };
}

/** The first frame of an animation. */
export function firstFrame(picture: Picture): Picture {
  return { ...picture, frames: 1, open: () => picture.open(0) };
}

/** A part of a still picture. It counts as a picture of the same size, see `Picture.size`. */
export function partOf(picture: Picture, area: Area): Picture {
  return { ...picture, open: () => picture.open().extract(area) };
}

/** Opens pixels that this process made: their limits were judged when they were made. */
function openOwn(data: Buffer, options: SharpOptions): Sharp {
  return sharp(data, { limitInputPixels: false, sequentialRead: true, ...options });
}
