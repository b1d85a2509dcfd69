import sharp from 'sharp';
import { at, colourDistance, pixelsOf } from '../specs/distance.js';
import { runJob, runOne } from '../specs/job.js';
import { sample } from '../specs/pictures.js';

const delay = [40, 80, 120, 160];
/** A bar on blue that moves to the right; the ground grows greener: 48×32, 4 frames. */
const gif = sharp(await sample('animation'), { animated: true })
  .gif({ delay, loop: 3 })
  .toBuffer();
const webp = sharp(await sample('animation'), { animated: true })
  .webp({ lossless: true, delay, loop: 3 })
  .toBuffer();

describe.each([
  ['gif', gif],
  ['webp', webp],
])('an animated %s', (format, bytes) => {
  test.each<[string, object[], { width: number; height: number }]>([
    ['as it is', [], { width: 48, height: 32 }],
    ['through a resize', [{ operation: 'resize', width: 24 }], { width: 24, height: 16 }],
    ['through gray', [{ operation: 'grayscale' }], { width: 48, height: 32 }],
    ['through a quarter turn', [{ operation: 'rotate', angle: 90 }], { width: 32, height: 48 }],
    [
      'through gray, a blur and a turn',
      [{ operation: 'grayscale' }, { operation: 'blur' }, { operation: 'rotate', angle: 270 }],
      { width: 32, height: 48 },
    ],
    [
      'through what must start another pipeline',
      [{ operation: 'sharpen' }, { operation: 'resize', width: 24 }, { operation: 'flop' }],
      { width: 24, height: 16 },
    ],
  ])('keeps frames, delays and loop %s', async (_title, operations, size) => {
    const source = await bytes;
    const { images, results } = await runJob(source, [{ operations }]);
    expect(results[0]).toMatchObject({ status: 'completed', format, pages: 4, ...size });
    const { pages, pageHeight, width, ...timing } = await sharp(images[0]!, { animated: true }).metadata();
    expect({ pages, width, height: pageHeight }).toEqual({ pages: 4, ...size });
    expect(timing).toMatchObject({ delay, loop: 3 });
  });

  test('keeps them when it shares an intermediate', async () => {
    const outputs = [24, 16, 8].map((width) => ({ operations: [{ operation: 'resize', width }], format: 'webp' }));
    const { images } = await runJob(await bytes, outputs);
    for (const image of images)
      expect(await sharp(image!, { animated: true }).metadata()).toMatchObject({ pages: 4, delay, loop: 3 });
  });

  test('keeps the frames in their order and upside down', async () => {
    const image = await runOne(await bytes, { operations: [{ operation: 'flip' }], format: 'webp', lossless: true });
    const pixels = await pixelsOf(image);
    for (const frame of [0, 1, 2, 3]) {
      // The bar has left the top row of the frame and is in the bottom row, which now is the top one.
      expect(colourDistance(at(pixels, 6 + 12 * frame, 32 * frame), [220, 60, 40])).toBeLessThan(12);
      expect(colourDistance(at(pixels, 6 + 12 * frame, 32 * frame + 31), [30, 60 + 40 * frame, 120])).toBeLessThan(12);
    }
  });

  test('ends as its first frame in a format without frames', async () => {
    const { images, results } = await runJob(await bytes, [{ operations: [], format: 'jpeg' }]);
    expect(results[0]).toMatchObject({ status: 'completed', pages: 1, width: 48, height: 32 });
    expect(colourDistance(at(await pixelsOf(images[0]!), 40, 3), [30, 60, 120])).toBeLessThan(25);
  });

  test('ends as its first frame with an operation that needs a still', async () => {
    const { results } = await runJob(await bytes, [{ operations: [{ operation: 'trim' }] }]);
    expect(results[0]).toMatchObject({ status: 'completed', format, pages: 1 });
  });

  test('gives a still beside it the first frame of what they share', async () => {
    const shrunk = { operations: [{ operation: 'resize', width: 24 }] };
    const { results, images } = await runJob(await bytes, [
      { ...shrunk, format: 'webp' },
      { ...shrunk, format: 'png' },
    ]);
    expect(results).toMatchObject([{ pages: 4 }, { pages: 1, width: 24, height: 16 }]);
    expect(colourDistance(at(await pixelsOf(images[1]!), 20, 2), [30, 60, 120])).toBeLessThan(12);
  });

  test('counts all its frames against the limit of an output', async () => {
    const { results } = await runJob(await bytes, [{ operations: [{ operation: 'resize', width: 480 }] }], {
      limits: { outputPixels: 500_000 },
    });
    expect(results[0]).toMatchObject({ status: 'failed', code: 'output_limit_exceeded' });
  });
});

test('turns an animation upright by its EXIF orientation', async () => {
  const tagged = await sharp(await webp, { animated: true })
    .withMetadata({ orientation: 6 })
    .webp({ lossless: true })
    .toBuffer();
  const { source, results } = await runJob(tagged, [{ operations: [] }]);
  expect(source.orientation).toBe(6);
  expect(results[0]).toMatchObject({ pages: 4, width: 32, height: 48 });
});

test('takes the timing of a request over that of the source', async () => {
  const image = await runOne(await gif, {
    operations: [{ operation: 'rotate', angle: 90 }],
    format: 'gif',
    delay: [10, 20, 30, 40],
    loop: 0,
  });
  expect(await sharp(image, { animated: true }).metadata()).toMatchObject({ delay: [10, 20, 30, 40], loop: 0 });
});
