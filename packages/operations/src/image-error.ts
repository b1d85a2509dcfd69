/** Faults that lie in the picture or in what was asked of it: trying again cannot help. */
export const imageErrorCodes = [
  'unsupported_format',
  'corrupt_image',
  'pixel_limit_exceeded',
  'frame_limit_exceeded',
  'output_limit_exceeded',
  'invalid_operation',
] as const;
export type ImageErrorCode = (typeof imageErrorCodes)[number];

export class ImageError extends Error {
  override readonly name = 'ImageError';

  /** `detail` is shown to the client: one sentence, with the numbers that help, and nothing of our file system. */
  constructor(
    readonly code: ImageErrorCode,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
