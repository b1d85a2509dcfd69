import { ImageError, type ImageErrorCode } from '../image-error.js';

/**
 * What the messages of sharp and libvips mean. They are never passed on: they name files and the insides of libraries.
 * Where several match, the first holds.
 */
const meanings: readonly (readonly [RegExp, ImageErrorCode, string])[] = [
  [/exceeds pixel limit|security limit/i, 'pixel_limit_exceeded', 'The image has more pixels than are allowed'],
  [/exceeds channel limit/i, 'unsupported_format', 'The image has more than 5 channels'],
  [/too large for the/i, 'output_limit_exceeded', 'The result is larger than its format can hold'],
  [/extract_area|extract area/i, 'invalid_operation', 'The area to cut out lies outside the image'],
  [/same dimensions or smaller/i, 'invalid_operation', 'The image to lay over is larger than the image below'],
  [/multi-page/i, 'invalid_operation', 'An operation cannot be applied to an animation'],
  [
    /corrupt|premature|VipsJpeg|vipspng|libpng|spng|webp:|webp2vips|nsgif|gifload|heif:|heifload|tiff2vips|TIFF(?:Read|Fetch)|read error|bad seek|truncated|treated as error/i,
    'corrupt_image',
    'The image is damaged or incomplete',
  ],
];

/** Faults of the machine, not of the image: whoever runs the job may try again. */
const passing = /out of memory|unable to allocate|could not allocate|input file is missing|no space left|i\/o error/i;

/** The fault of the image or the request behind an error; an error that is neither comes back as it is. */
export function asImageError(error: unknown): unknown {
  if (error instanceof ImageError || !(error instanceof Error)) return error;
  // Node's own errors (files, memory) have a code, those of libvips have none.
  if ('code' in error || error instanceof TypeError || error instanceof RangeError || passing.test(error.message)) return error;
  const meaning = meanings.find(([pattern]) => pattern.test(error.message));
  if (meaning) return new ImageError(meaning[1], meaning[2]);
  return new ImageError('invalid_operation', 'The operations of this output cannot be applied to this image');
}

/** Awaits work on an image; what fails in it fails as an ImageError where image or request are at fault. */
export async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asImageError(error);
  }
}
