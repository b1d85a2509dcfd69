/** The same work twice: as an output of a job, and as the pipeline of sharp that somebody would write by hand. */
import { Output } from '@tintype/operations';
import type { Sharp } from 'sharp';

export interface Work {
  readonly output: Output;
  /** The pixels. */
  shape(image: Sharp): Sharp;
  /** The file. */
  encode(image: Sharp): Sharp;
}

const variants: readonly Work[] = [
  resized('jpeg', { width: 1600 }),
  resized('jpeg', { width: 800 }),
  resized('webp', { width: 400 }),
  resized('webp', { width: 200 }),
  resized('jpeg', { width: 64, height: 64 }),
];

const grayscale: Work = {
  output: Output.parse({ name: 'gray', format: 'jpeg', quality: 80, operations: [{ operation: 'grayscale' }] }),
  shape: (image) => image.toColourspace('b-w'),
  encode: (image) => image.jpeg({ quality: 80 }),
};

export const works = {
  variants,
  grayscale: [grayscale],
  resize: [resized('jpeg', { width: 800 })],
  thumbnail: [resized('webp', { width: 32 })],
} satisfies Record<string, readonly Work[]>;
export type WorkName = keyof typeof works;

/** Cropped, where both sides are given. */
function resized(format: 'jpeg' | 'webp', size: { readonly width: number; readonly height?: number }): Work {
  const operations = [{ operation: 'resize', ...size }];
  return {
    output: Output.parse({ name: `${size.width}-${format}`, format, quality: 80, operations }),
    shape: (image) => image.resize(size),
    encode: (image) => image.toFormat(format, { quality: 80 }),
  };
}
