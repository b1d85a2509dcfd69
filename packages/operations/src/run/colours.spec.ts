import sharp from 'sharp';
import { at, colourDistance, pixelsOf } from '../specs/distance.js';
import { runJob, runOne } from '../specs/job.js';
import { painted } from '../specs/pictures.js';

const orange = [230, 140, 40] as const;
const plain = painted(48, 32, () => orange);
const shrunk = [{ operation: 'resize', width: 24 }];
/** Derives from what it shares with another output, and so passes through memory. */
const shared = (output: object) => [
  { operations: shrunk, ...output },
  { operations: [{ operation: 'resize', width: 12 }], ...output },
];

describe('colours', () => {
  test('of a CMYK JPEG become sRGB', async () => {
    const source = await plain.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    const { source: facts, images } = await runJob(source, [{ operations: [], format: 'png' }, ...shared({ format: 'jpeg' })]);
    expect(facts).toMatchObject({ space: 'cmyk', channels: 4 });
    for (const image of images) {
      expect(await sharp(image!).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
      expect(colourDistance(at(await pixelsOf(image!), 4, 4), at(await pixelsOf(source), 4, 4))).toBeLessThan(6);
    }
  });

  test('of a 16-bit PNG keep their values in 8 bits', async () => {
    const source = await plain.clone().toColourspace('rgb16').png().toBuffer();
    const { source: facts, images } = await runJob(source, [
      { operations: [{ operation: 'sepia', intensity: 0 }] },
      ...shared({}),
    ]);
    expect(facts).toMatchObject({ space: 'rgb16', depth: 'ushort' });
    for (const image of images) {
      expect(await sharp(image!).metadata()).toMatchObject({ space: 'srgb', depth: 'uchar' });
      expect(colourDistance(at(await pixelsOf(image!), 4, 4), orange)).toBeLessThanOrEqual(1);
    }
  });

  test.each<[string, object[], number]>([
    ['one channel', [{ operation: 'grayscale' }], 1],
    ['one channel when mirrored and shrunk after', [{ operation: 'grayscale' }, { operation: 'flop' }, ...shrunk], 1],
    ['colour again when tinted after', [{ operation: 'grayscale' }, { operation: 'tint', tint: 'red' }], 3],
    ['colour again in what is added after', [{ operation: 'grayscale' }, { operation: 'extend', top: 8, background: 'red' }], 3],
  ])('turned gray give %s', async (_title, operations, channels) => {
    const image = await runOne(await plain.clone().png().toBuffer(), { operations, format: 'png' });
    expect((await sharp(image).metadata()).channels).toBe(channels);
    const [red, green] = at(await pixelsOf(image), 4, 4);
    if (channels === 3) expect(red! - green!).toBeGreaterThan(40);
    else expect(red).toBe(green);
  });

  test('turned gray keep their transparency on the way through another pipeline', async () => {
    const glass = await painted(48, 32, () => [...orange, 128])
      .png()
      .toBuffer();
    const image = await runOne(glass, { operations: [{ operation: 'grayscale' }, { operation: 'flop' }], format: 'png' });
    expect(await sharp(image).metadata()).toMatchObject({ channels: 2, hasAlpha: true });
    expect(at(await pixelsOf(image, 4), 4, 4)[3]).toBe(128);
  });

  test('of a gray JPEG stay one channel, unless something colourful is laid on', async () => {
    const source = await plain.clone().toColourspace('b-w').jpeg().toBuffer();
    const red = [{ operation: 'extend', top: 8, background: 'red' }];
    const { images } = await runJob(source, [...shared({}), { operations: red, format: 'png' }]);
    const channels = await Promise.all(images.map(async (image) => (await sharp(image!).metadata()).channels));
    expect(channels).toEqual([1, 1, 3]);
    expect(at(await pixelsOf(images[2]!), 4, 2)).toEqual([255, 0, 0]);
  });

  test('that are transparent become black in JPEG, or what flatten says', async () => {
    const glass = await painted(48, 32, () => [...orange, 0])
      .png()
      .toBuffer();
    const { images } = await runJob(glass, [
      { operations: [], format: 'jpeg' },
      { operations: [{ operation: 'flatten', background: 'white' }], format: 'jpeg' },
      ...shared({ format: 'jpeg' }),
    ]);
    const found = await Promise.all(images.map(async (image) => at(await pixelsOf(image!), 4, 4)[0]));
    expect(found).toEqual([0, 255, 0, 0]);
  });

  test.each([20, 100, 250])('with an alpha of %i look the same when they are shrunk twice', async (alpha) => {
    const glass = await painted(48, 32, () => [...orange, alpha])
      .png()
      .toBuffer();
    const { images } = await runJob(glass, shared({ format: 'png' }));
    const onGround = (pixel: readonly number[]) => pixel.slice(0, 3).map((value) => (value * pixel[3]!) / 255);
    for (const image of images) {
      const pixel = at(await pixelsOf(image!, 4), 4, 4);
      expect(pixel[3]).toBe(alpha);
      // sharp rounds colours down when it multiplies them by their alpha, once for each resampling.
      expect(colourDistance(onGround(pixel), onGround([...orange, alpha]))).toBeLessThan(2.5);
    }
  });

  test('half transparent become Display P3 by way of what outputs share', async () => {
    const glass = await painted(48, 32, () => [...orange, 200])
      .png()
      .toBuffer();
    const { images } = await runJob(glass, shared({ format: 'png', profile: 'p3' }));
    const expected = await stored(await plain.clone().withIccProfile('p3').png().toBuffer());
    for (const image of images) expect(colourDistance(await stored(image!), expected)).toBeLessThanOrEqual(3);
  });
});

describe('a source in Display P3', () => {
  /** A green that sRGB does not have, in pixels that mean it. */
  const wide = [0, 255, 0] as const;
  const source = inP3();

  test.each([
    ['jpeg', 'png'],
    ['png', 'webp'],
    ['webp', 'avif'],
  ])('keeps its profile and its numbers by default, as %s and %s', async (...formats) => {
    for (const format of formats) {
      const { images } = await runJob(await source, [{ operations: [], format }, ...shared({ format })]);
      for (const image of images) {
        const { icc } = await sharp(image!).metadata();
        expect(icc?.equals(await displayP3())).toBe(true);
        expect(colourDistance(await stored(image!), wide)).toBeLessThanOrEqual(6);
      }
    }
  });

  test('keeps both through operations that need several pipelines', async () => {
    const image = await runOne(await source, {
      operations: [{ operation: 'rotate', angle: 90 }, { operation: 'median' }, { operation: 'flop' }],
    });
    expect((await sharp(image).metadata()).icc?.equals(await displayP3())).toBe(true);
    expect(await stored(image)).toEqual([...wide]);
  });

  test('becomes sRGB without a profile on request, also beside outputs that keep it', async () => {
    const { images } = await runJob(await sourceOf([200, 100, 60]), [
      ...shared({ format: 'png' }),
      ...shared({ format: 'png', profile: 'srgb' }),
    ]);
    const converted = await sharp(await sourceOf([200, 100, 60]))
      .raw()
      .toBuffer();
    expect(converted[0]).not.toBe(200);
    for (const image of images.slice(2)) {
      expect((await sharp(image!).metadata()).hasProfile).toBe(false);
      expect(colourDistance(await stored(image!), [...converted.subarray(0, 3)])).toBeLessThanOrEqual(1);
    }
    for (const image of images.slice(0, 2)) expect(await stored(image!)).toEqual([200, 100, 60]);
  });

  test('becomes sRGB as a GIF, which has no place for a profile', async () => {
    const image = await runOne(await sourceOf([200, 100, 60]), { operations: [], format: 'gif' });
    const converted = await sharp(await sourceOf([200, 100, 60]))
      .raw()
      .toBuffer();
    expect(colourDistance(await stored(image), [...converted.subarray(0, 3)])).toBeLessThanOrEqual(6);
  });

  test('loses no colours when it is to be in Display P3', async () => {
    const { images } = await runJob(await source, [
      { operations: [], format: 'png', profile: 'p3' },
      ...shared({ format: 'png', profile: 'p3' }),
    ]);
    for (const image of images) expect(colourDistance(await stored(image!), wide)).toBeLessThanOrEqual(1);
  });

  test('drops a profile that no longer fits when it turns gray', async () => {
    const image = await runOne(await source, { operations: [{ operation: 'grayscale' }, { operation: 'flop' }], format: 'png' });
    expect(await sharp(image).metadata()).toMatchObject({ hasProfile: false, channels: 1 });
  });

  function inP3(): Promise<Buffer> {
    return sourceOf(wide);
  }
});

test('converts an sRGB source to Display P3 on request', async () => {
  const { images } = await runJob(await plain.clone().png().toBuffer(), [
    { operations: [], profile: 'p3' },
    ...shared({ profile: 'p3' }),
  ]);
  const expected = await stored(await plain.clone().withIccProfile('p3').png().toBuffer());
  for (const image of images) {
    expect((await sharp(image!).metadata()).icc?.equals(await displayP3())).toBe(true);
    expect(colourDistance(await stored(image!), expected)).toBeLessThanOrEqual(1);
  }
});

async function displayP3(): Promise<Buffer> {
  const { icc } = await sharp(await plain.clone().withIccProfile('p3').png().toBuffer()).metadata();
  if (!icc) throw new Error('sharp attached no profile');
  return icc;
}

/** Pixels with these numbers in Display P3: a TIFF carries the profile, and its one strip of pixels is written over. */
async function sourceOf(colour: readonly [number, number, number]): Promise<Buffer> {
  const marker = [10, 200, 30] as const;
  const tiff = await painted(48, 32, () => marker)
    .withIccProfile('p3')
    .tiff({ compression: 'none' })
    .toBuffer();
  const pixel = Buffer.from(await stored(tiff));
  const row = Buffer.concat(Array.from({ length: 48 * 32 }, () => pixel));
  const start = tiff.indexOf(row);
  if (start === -1) throw new Error('the pixels lie elsewhere in this TIFF');
  Buffer.concat(Array.from({ length: 48 * 32 }, () => Buffer.from(colour))).copy(tiff, start);
  return tiff;
}

/** The numbers of a pixel, whatever they mean. */
async function stored(image: Buffer): Promise<number[]> {
  const { data, info } = await sharp(image).keepIccProfile().raw().toBuffer({ resolveWithObject: true });
  return at({ data, width: info.width, height: info.height, channels: info.channels }, 4, 4).slice(0, 3);
}
