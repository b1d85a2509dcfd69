/** How large a picture may be: what goes in, and what comes out. */

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

export const defaultLimits: ImageLimits = {
  inputPixels: 50_000_000,
  inputFrames: 256,
  outputPixels: 50_000_000,
  outputSide: 16_384,
  inputFormats,
};
