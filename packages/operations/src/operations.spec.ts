import { readdir } from 'node:fs/promises';
import sharp from 'sharp';
import type { OperationExample } from './define.js';
import { operations } from './registry.js';
import { expectGolden, goldenName } from './specs/golden.js';
import { plain, sample } from './specs/pictures.js';
import { madeImage } from './specs/process.js';

type Example = OperationExample<object>;
type PixelExample = Extract<Example, { pixel: unknown }>;
type SampleExample = Extract<Example, { sample: unknown }>;

const examples = operations.flatMap((operation) =>
  (operation.examples as readonly Example[]).map((example) => ({ operation, example })),
);
const pixelExamples = examples.flatMap(({ operation, example }) =>
  'pixel' in example ? [[operation.id, example.title, example] as const satisfies [string, string, PixelExample]] : [],
);
const sampleExamples = examples.flatMap(({ operation, example }) =>
  'sample' in example
    ? [[operation.id, example.title, example, operation.frames] as const satisfies [string, string, SampleExample, string]]
    : [],
);

test.each(pixelExamples)('%s: %s', async (operation, _title, { options, pixel, becomes }) => {
  const { data } = await madeImage(await plain(pixel), { operations: [{ operation, ...options }], format: 'png' });
  const opened = sharp(data).toColourspace('srgb');
  const pixels = await (becomes.length === 4 ? opened.ensureAlpha() : opened.removeAlpha()).raw().toBuffer();
  expect([...pixels.subarray(0, becomes.length)]).toEqual(becomes);
});

test.each(sampleExamples)('%s: %s', async (operation, title, { options, sample: name, size }, frames) => {
  const animated = name === 'animation' && frames !== 'first';
  const encoding = animated ? { format: 'webp', lossless: true } : { format: 'png' };
  const request = { operations: [{ operation, ...options }], ...encoding };
  const image = await madeImage(await sample(name), request, await sample('icon'));
  expect({ width: image.width, height: image.height, pages: image.pages }).toEqual({ ...size, pages: animated ? 4 : 1 });
  await expectGolden(goldenName(operation, title), image.data);
});

test('no golden image is without an example', async () => {
  const files = await readdir(new URL('../golden/', import.meta.url));
  expect(new Set(files)).toEqual(new Set(sampleExamples.map(([id, title]) => `${goldenName(id, title)}.png`)));
});
