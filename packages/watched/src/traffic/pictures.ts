/** Small pictures of every format, and some that are none. */
import { samples } from '@tintype/testing';
import sharp from 'sharp';

export interface Pictures {
  readonly jpeg: Buffer;
  readonly png: Buffer;
  readonly webp: Buffer;
  readonly gif: Buffer;
  readonly avif: Buffer;
  readonly tiff: Buffer;
  /** Half of it is missing. */
  readonly truncated: Buffer;
}

export async function makePictures(): Promise<Pictures> {
  const jpeg = await samples.photo(160, 120);
  return {
    jpeg,
    png: await samples.icon(64),
    webp: await samples.animatedWebp(),
    gif: await samples.animatedGif(),
    avif: await sharp(jpeg).resize(64).avif({ effort: 0 }).toBuffer(),
    tiff: await sharp(jpeg).tiff().toBuffer(),
    truncated: await samples.truncatedJpeg(),
  };
}
