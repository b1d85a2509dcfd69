/** A source on its way into memory: opened from its file, or shrunk once for several outputs. */
import type { ResizeOptions, SharpOptions } from 'sharp';
import type { ImageLimits } from '../limits.js';
import { scaling } from '../operations/resize.js';
import type { Intermediate, OutputPlan, SourceFacts } from '../plan.js';
import { materialise, type Picture } from './picture.js';
import { openImage } from './prepare.js';

/** How the pixels are to arrive: upright or as stored, all frames or the first. */
export type Arrival = Pick<OutputPlan, 'frames' | 'upright'> & {
  /** Whether the source's colour profile is to stay with its colours; otherwise they are converted to sRGB. */
  readonly profiled: boolean;
  /** Whether its EXIF is to stay with it. */
  readonly tagged: boolean;
};

export function openSource(
  path: string,
  source: SourceFacts,
  limits: ImageLimits,
  { frames, upright, profiled, tagged }: Arrival,
): Picture {
  const turns = upright && source.orientation !== 1;
  const swaps = !upright && source.orientation > 4;
  const options: SharpOptions = { autoOrient: upright, animated: frames > 1 };
  return {
    size: swaps ? { width: source.height, height: source.width } : { width: source.width, height: source.height },
    frames,
    gray: isGray(source),
    profiled: profiled && bringsProfile(source),
    tagged,
    shrunk: false,
    state: turns ? 'turning' : 'file',
    open: (frame) => openImage(path, limits, frame === undefined ? options : { ...options, animated: false, page: frame }),
  };
}

/** Decodes the source once, shrunk; counts as a picture of the source's size, see `Picture.size`. */
export async function decodeShrunk(picture: Picture, { size }: Intermediate): Promise<Picture> {
  const { width, height } = size;
  const asked: ResizeOptions = picture.frames === 1 ? scaling(picture.size, size) : { width, height, fit: 'fill' };
  return materialise(picture.open().resize(asked), { ...picture, shrunk: true });
}

function isGray({ space }: SourceFacts): boolean {
  return space === 'b-w' || space === 'grey16';
}

/** Profiles of CMYK and gray pixels do not fit what becomes of them here. */
function bringsProfile({ hasProfile, space }: SourceFacts): boolean {
  return hasProfile && (space === 'srgb' || space === 'rgb' || space === 'rgb16');
}
