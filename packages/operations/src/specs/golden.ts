/** Golden images: what an example looked like when somebody looked at it and found it right. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const directory = new URL('../../golden/', import.meta.url);

/** Mean difference of a sample, 0–255: room for another build of libvips, none for another picture. */
const tolerance = 1;

/** With UPDATE_GOLDEN=1 the image becomes the golden one. Frames of an animation lie below one another. */
export async function expectGolden(name: string, image: Buffer): Promise<void> {
  const file = fileURLToPath(new URL(`${name}.png`, directory));
  const actual = await pixels(image);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    const { width, height } = actual;
    await writeFile(
      file,
      await sharp(actual.data, { raw: { width, height, channels: 4 } })
        .png({ compressionLevel: 9 })
        .toBuffer(),
    );
    return;
  }
  if (!existsSync(file)) {
    throw new Error(
      `golden/${name}.png is missing. Look at what UPDATE_GOLDEN=1 npx jest packages/operations writes, and commit it.`,
    );
  }
  const golden = await pixels(file);
  expect([actual.width, actual.height]).toEqual([golden.width, golden.height]);
  expect(meanDifference(actual.data, golden.data)).toBeLessThanOrEqual(tolerance);
}

/** The name of the file, without its ending. */
export function goldenName(operation: string, title: string): string {
  return `${operation}-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
}

async function pixels(image: Buffer | string): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(image, { animated: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  // Colour that nobody sees may differ.
  for (let pixel = 0; pixel < data.length; pixel += 4) if (data[pixel + 3] === 0) data.fill(0, pixel, pixel + 3);
  return { data, width: info.width, height: info.height };
}

function meanDifference(one: Buffer, other: Buffer): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += Math.abs(one.readUInt8(index) - other.readUInt8(index));
  return sum / one.length;
}
