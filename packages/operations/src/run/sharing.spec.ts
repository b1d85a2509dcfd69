import sharp, { type ResizeOptions } from 'sharp';
import { pixelsOf, psnr } from '../specs/distance.js';
import { runJob } from '../specs/job.js';

const fits = ['cover', 'contain', 'fill', 'inside', 'outside'] as const;
const frames = [
  { width: 41 },
  { height: 29 },
  { width: 37, height: 23 },
  { width: 16, height: 31 },
  { width: 50, height: 7 },
  { width: 3, height: 2 },
];

describe('outputs that share an intermediate', () => {
  test.each([
    [211, 97],
    [97, 211],
    [173, 131],
    [128, 128],
    [101, 67],
    [67, 101],
    [333, 55],
    [55, 333],
    [199, 197],
    [257, 255],
    [83, 82],
  ])('have the sizes that sharp gives them from %i×%i pixels', async (width, height) => {
    const source = await noise(width, height).png().toBuffer();
    for (const fit of fits) {
      for (const withoutEnlargement of [false, true]) {
        const wanted = [{ width: 61, height: 57 }, ...frames].map((frame) => ({ ...frame, fit, withoutEnlargement }));
        const { results } = await runJob(
          source,
          wanted.map((options) => ({ operations: [{ operation: 'resize', ...options }], format: 'png' })),
        );
        const direct = await Promise.all(wanted.map((options) => sizeBySharp(source, options)));
        expect({ fit, sizes: results.map((result) => sizeOf(result)) }).toEqual({ fit, sizes: direct });
      }
    }
  });

  test('come at least as close to the full picture as those that are shrunk by the decoder', async () => {
    const source = await landscape(1600, 1200);
    const widths = [800, 400, 200, 100];
    const { images } = await runJob(
      source,
      widths.map((width) => ({ operations: [{ operation: 'resize', width }], format: 'png' })),
    );
    const full = await sharp(source).png().toBuffer();
    for (const [index, width] of widths.entries()) {
      const ideal = await pixelsOf(await sharp(full).resize(width).png().toBuffer());
      const direct = psnr(ideal, await pixelsOf(await sharp(source).resize(width).png().toBuffer()));
      expect(psnr(ideal, await pixelsOf(images[index]!))).toBeGreaterThanOrEqual(direct);
    }
  });
});

describe('a resize', () => {
  const targets: ResizeOptions[] = [{ width: 201 }, { height: 133 }, { width: 160, height: 130, fit: 'inside' }];

  test('that shares with no other makes the pixels that sharp makes', async () => {
    const source = await landscape(1216, 832);
    for (const target of targets) {
      const { images } = await runJob(source, [{ operations: [{ operation: 'resize', ...target }], format: 'png' }]);
      const direct = await sharp(source).resize(target).png().toBuffer();
      expect({ target, psnr: psnr(await pixelsOf(direct), await pixelsOf(images[0]!)) }).toEqual({ target, psnr: Infinity });
    }
  });

  test('from an intermediate shows what it would show from the source, where a side is rounded', async () => {
    const source = await landscape(1840, 1228);
    const { images } = await runJob(
      source,
      [800, 400, 50].map((width) => ({ operations: [{ operation: 'resize', width }], format: 'png' })),
    );
    const full = await sharp(source).png().toBuffer();
    const direct = await pixelsOf(await sharp(full).resize(50).png().toBuffer());
    const stretched = await pixelsOf(await sharp(full).resize(50, 33, { fit: 'fill' }).png().toBuffer());
    const derived = await pixelsOf(images[2]!);
    expect(psnr(direct, derived)).toBeGreaterThan(psnr(stretched, derived) + 3);
  });
});

/** Like a photograph it has less contrast the finer the detail; saved as a camera would. */
async function landscape(width: number, height: number): Promise<Buffer> {
  const pixels = new Float64Array(width * height * 3);
  for (const detail of [400, 150, 60, 25, 10, 4, 2]) {
    const grains = await noise(Math.ceil(width / detail), Math.ceil(height / detail))
      .png()
      .toBuffer();
    const layer = await sharp(grains).resize(width, height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer();
    for (let index = 0; index < pixels.length; index += 1) pixels[index]! += (layer[index]! - 145) * detail ** 0.5 * 0.1;
  }
  const data = Buffer.from(pixels.map((value) => Math.min(255, Math.max(0, 128 + value))));
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}

function noise(width: number, height: number) {
  let seed = 1;
  const next = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const data = Buffer.from(
    Array.from({ length: width * height * 3 }, (_, index) => 100 + 60 * Math.sin(index / 700) + 90 * next()),
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function sizeBySharp(source: Buffer, options: ResizeOptions): Promise<string> {
  const { info } = await sharp(source).resize(options).raw().toBuffer({ resolveWithObject: true });
  return `${info.width}×${info.height}`;
}

function sizeOf(result: object): string {
  return 'width' in result && 'height' in result ? `${result.width}×${result.height}` : JSON.stringify(result);
}
