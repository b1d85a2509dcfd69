import sharp from 'sharp';

export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

/** Decodes an image as sharp does by default; frames of an animation lie below one another. */
export async function pixelsOf(image: Buffer, channels: 3 | 4 = 3): Promise<Pixels> {
  const opened = sharp(image, { animated: true }).toColourspace('srgb');
  const { data, info } = await (channels === 4 ? opened.ensureAlpha() : opened.removeAlpha())
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels };
}

/** One pixel. */
export function at({ data, width, channels }: Pixels, x: number, y: number): number[] {
  const start = (y * width + x) * channels;
  return [...data.subarray(start, start + channels)];
}

/** The largest difference between two colours' channels. */
export function colourDistance(one: readonly number[], other: readonly number[]): number {
  return Math.max(...one.map((value, index) => Math.abs(value - other[index]!)));
}

/** Peak signal-to-noise ratio in dB; Infinity for equal pixels. */
export function psnr(one: Pixels, other: Pixels): number {
  if (one.width !== other.width || one.height !== other.height || one.channels !== other.channels)
    throw new Error('pictures of different shapes');
  let squares = 0;
  for (let index = 0; index < one.data.length; index += 1) squares += (one.data[index]! - other.data[index]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (squares / one.data.length));
}
