import sharp from 'sharp';
import { pixelsOf, psnr } from '../specs/distance.js';
import { runJob, runOne } from '../specs/job.js';
import { painted } from '../specs/pictures.js';

const reference = { upload_id: '0198c0de-0000-7000-8000-000000000001' };
const picture = await painted(120, 90, (x, y) => [2 * x, 255 - 2 * y, (x * y) % 200, x > 60 && y > 50 ? 150 : 255])
  .png()
  .toBuffer();
const opaque = await painted(120, 90, (x, y) => [2 * x, 255 - 2 * y, (x * y) % 200])
  .png()
  .toBuffer();

describe('a pipeline', () => {
  test.each<[string, object[]]>([
    [
      'blur, resize',
      [
        { operation: 'blur', sigma: 2 },
        { operation: 'resize', width: 50 },
      ],
    ],
    [
      'rotate, crop, rotate',
      [
        { operation: 'rotate', angle: 90 },
        { operation: 'crop', left: 10, top: 20, width: 60, height: 50 },
        { operation: 'rotate', angle: 30 },
      ],
    ],
    [
      'resize to a frame, rotate',
      [
        { operation: 'resize', width: 40, height: 80 },
        { operation: 'rotate', angle: 90 },
      ],
    ],
    ['flip, resize to the north', [{ operation: 'flip' }, { operation: 'resize', width: 100, height: 30, position: 'north' }]],
    [
      'resize, resize',
      [
        { operation: 'resize', width: 60 },
        { operation: 'resize', width: 20, height: 20, fit: 'contain' },
      ],
    ],
    [
      'extend, trim',
      [
        { operation: 'extend', top: 9, left: 9, background: 'white' },
        { operation: 'trim', threshold: 5 },
        { operation: 'extend', top: 2 },
      ],
    ],
    ['negate, sepia, negate', [{ operation: 'negate' }, { operation: 'sepia' }, { operation: 'negate' }]],
    [
      'tint, grayscale, tint',
      [{ operation: 'tint', tint: 'red' }, { operation: 'grayscale' }, { operation: 'tint', tint: 'blue' }],
    ],
    [
      'composite, resize, composite',
      [
        { operation: 'watermark', image: reference },
        { operation: 'resize', width: 70 },
        { operation: 'watermark', image: reference, position: 'north' },
      ],
    ],
    [
      'pixelate, blur, roundCorners, modulate',
      [
        { operation: 'pixelate', size: 7 },
        { operation: 'blur' },
        { operation: 'roundCorners', radius: 20 },
        { operation: 'modulate', brightness: 1.3 },
      ],
    ],
  ])('does what was written, in that order: %s', async (_title, operations) => {
    let expected: Buffer = picture;
    for (const operation of operations)
      expected = await runOne(expected, { operations: [operation], format: 'png' }, { second: opaque });
    const actual = await runOne(picture, { operations, format: 'png' }, { second: opaque });
    expect(psnr(await pixelsOf(actual, 4), await pixelsOf(expected, 4))).toBeGreaterThan(45);
  });

  test('of commuting operations and a resize gives the same as without the shrinking before', async () => {
    const operations = [{ operation: 'flop' }, { operation: 'sepia' }, { operation: 'resize', width: 30, height: 20 }];
    const mirrored = await runOne(opaque, { operations: operations.slice(0, 2), format: 'png' });
    const expected = await pixelsOf(await sharp(mirrored).resize(30, 20).png().toBuffer());
    expect(psnr(await pixelsOf(await runOne(opaque, { operations, format: 'png' })), expected)).toBeGreaterThan(35);
  });
});

describe('an output that fails', () => {
  const thumbnail = { operations: [{ operation: 'resize', width: 20 }], format: 'jpeg' };

  test.each<[string, string, object]>([
    [
      'crops outside the picture',
      'invalid_operation',
      { operations: [{ operation: 'crop', left: 100, top: 0, width: 40, height: 10 }] },
    ],
    [
      'crops outside what it has become',
      'invalid_operation',
      {
        operations: [
          { operation: 'resize', width: 30 },
          { operation: 'crop', left: 0, top: 0, width: 40, height: 10 },
        ],
      },
    ],
    ['is wider than allowed', 'output_limit_exceeded', { operations: [{ operation: 'resize', width: 300 }] }],
    ['has more pixels than allowed', 'output_limit_exceeded', { operations: [{ operation: 'resize', width: 190, height: 190 }] }],
    [
      'is too large on its way',
      'output_limit_exceeded',
      {
        operations: [
          { operation: 'resize', width: 190, height: 190 },
          { operation: 'resize', width: 10 },
        ],
      },
    ],
  ])('because it %s leaves the others alone: %s', async (_title, code, output) => {
    const { results } = await runJob(opaque, [thumbnail, output, thumbnail], {
      limits: { outputSide: 200, outputPixels: 30_000 },
    });
    expect(results).toMatchObject([{ status: 'completed' }, { status: 'failed', code }, { status: 'completed' }]);
  });

  test('says where its crop lies, and nothing of libraries or files', async () => {
    const { results } = await runJob(opaque, [{ operations: [{ operation: 'crop', left: 100, top: 0, width: 40, height: 10 }] }]);
    expect(results[0]).toMatchObject({ detail: expect.stringContaining('40×10') });
  });

  test.each([
    ['a text', Buffer.from('not an image')],
    ['a damaged image', opaque.subarray(0, opaque.length / 2)],
  ])('because its second image is %s does not blame the source', async (_title, second) => {
    const { results } = await runJob(opaque, [{ operations: [{ operation: 'watermark', image: reference }] }, thumbnail], {
      second,
    });
    expect(results).toMatchObject([{ status: 'failed', code: 'invalid_operation' }, { status: 'completed' }]);
  });

  test('as its format cannot hold it says so', async () => {
    const tall = await sharp({ create: { width: 2, height: 17_000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const { results } = await runJob(tall, [{ operations: [], format: 'webp' }], { limits: { outputSide: 65_535 } });
    expect(results[0]).toMatchObject({
      status: 'failed',
      code: 'output_limit_exceeded',
      detail: expect.stringContaining('WebP'),
    });
  });
});

test('reports what it has written', async () => {
  const { results, images } = await runJob(opaque, [{ operations: [{ operation: 'resize', width: 30 }], format: 'webp' }]);
  const { createHash } = await import('node:crypto');
  expect(results[0]).toMatchObject({
    format: 'webp',
    mediaType: 'image/webp',
    width: 30,
    height: 23,
    pages: 1,
    bytes: images[0]!.length,
    sha256: createHash('sha256').update(images[0]!).digest('hex'),
    stages: { decodeMs: 0, transformMs: expect.any(Number), encodeMs: expect.any(Number) },
  });
});
