import { at, colourDistance, pixelsOf } from '../specs/distance.js';
import { runJob } from '../specs/job.js';
import { painted } from '../specs/pictures.js';

type Point = readonly [x: number, y: number];

const size = { width: 96, height: 64 };
const { width, height } = size;
const red = [220, 30, 30] as const;
const green = [30, 200, 30] as const;
const blue = [30, 30, 220] as const;
const white = [240, 240, 240] as const;

/** Where a stored pixel belongs in the upright picture, by EXIF orientation. */
const upright: Readonly<Record<number, (x: number, y: number) => Point>> = {
  1: (x, y) => [x, y],
  2: (x, y) => [width - 1 - x, y],
  3: (x, y) => [width - 1 - x, height - 1 - y],
  4: (x, y) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y) => [width - 1 - y, x],
  7: (x, y) => [width - 1 - y, height - 1 - x],
  8: (x, y) => [y, height - 1 - x],
};

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('a JPEG of EXIF orientation %i', (orientation) => {
  const stored = orientation > 4 ? { width: height, height: width } : size;
  const source = painted(stored.width, stored.height, (x, y) => quarterAt(...upright[orientation]!(x, y)))
    .withMetadata({ orientation })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();

  test.each<[string, object[], { width: number; height: number }]>([
    ['is upright', [], size],
    ['is upright when shrunk', [{ operation: 'resize', width: 48 }], { width: 48, height: 32 }],
    ['is upright when cropped to a frame', [{ operation: 'resize', width: 40, height: 60 }], { width: 40, height: 60 }],
    ['is cropped as one sees it', [{ operation: 'crop', left: 8, top: 4, width: 80, height: 56 }], { width: 80, height: 56 }],
    [
      'is rotated from upright',
      [
        { operation: 'rotate', angle: 180 },
        { operation: 'rotate', angle: 180 },
      ],
      size,
    ],
  ])('%s', async (_title, operations, expected) => {
    // Once from the file, and once beside an output that it can derive from.
    const wanted = { operations, format: 'png' };
    for (const others of [[], [{ operations: [{ operation: 'resize', width: 90 }], format: 'png' }]]) {
      const { images, results } = await runJob(await source, [wanted, ...others]);
      expect(results[0]).toMatchObject(expected);
      await expectQuarters(images[0]!);
    }
  });

  test('keeps the stored pixels on request, and loses the tag all the same', async () => {
    const { images, results } = await runJob(await source, [
      { operations: [{ operation: 'autoOrient', enabled: false }], format: 'png' },
    ]);
    expect(results[0]).toMatchObject(stored);
    const pixels = await pixelsOf(images[0]!);
    const [x, y] = upright[orientation]!(3, 5);
    expect(colourDistance(at(pixels, 3, 5), quarterAt(x, y))).toBeLessThan(12);
  });
});

/** Red and green above, blue and white below. */
function quarterAt(x: number, y: number): readonly [number, number, number] {
  const left = x < width / 2;
  if (y < height / 2) return left ? red : green;
  return left ? blue : white;
}

async function expectQuarters(image: Buffer): Promise<void> {
  const pixels = await pixelsOf(image);
  const [right, bottom] = [pixels.width - 4, pixels.height - 4];
  const corners = [at(pixels, 3, 3), at(pixels, right, 3), at(pixels, 3, bottom), at(pixels, right, bottom)];
  const distances = [red, green, blue, white].map((colour, index) => colourDistance(colour, corners[index]!));
  expect(Math.max(...distances)).toBeLessThan(12);
}
