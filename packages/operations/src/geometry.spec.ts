import sharp from 'sharp';
import type { Size } from './define.js';
import { ImageError } from './image-error.js';
import { Operation, operationOf } from './registry.js';
import { applyOperations } from './run/index.js';

const jpeg = sharp({ create: { width: 301, height: 173, channels: 3, background: '#456' } })
  .jpeg()
  .toBuffer();

/** What `size()` foretells, and what sharp makes, of a JPEG: its decoder shrinks on load, with a rounding of its own. */
async function sizes(before: Size, request: object): Promise<{ foretold: Size | undefined; made: Size }> {
  const step = Operation.parse(request);
  const source = await sharp(await jpeg)
    .resize({ ...before, fit: 'fill' })
    .jpeg()
    .toBuffer();
  const { info } = await (await applyOperations(source, [step])).raw().toBuffer({ resolveWithObject: true });
  return { foretold: operationOf(step.operation).size(before, step), made: { width: info.width, height: info.height } };
}

const befores: Size[] = [
  { width: 301, height: 173 },
  { width: 173, height: 301 },
  { width: 48, height: 1 },
  { width: 1, height: 97 },
  { width: 640, height: 427 },
];
const fits = ['cover', 'contain', 'fill', 'inside', 'outside'];
const targets = [
  { width: 100, height: 57 },
  { width: 33, height: 200 },
  { width: 67 },
  { height: 29 },
  { width: 19, height: 19, dpr: 1.5 },
  { width: 400, height: 90, withoutEnlargement: true },
  { width: 40, height: 310, withoutReduction: true },
  { width: 500, withoutEnlargement: true },
  { width: 20, withoutReduction: true },
  { height: 400, withoutEnlargement: true, dpr: 2 },
];
const resizes = befores.flatMap((before) =>
  fits.map(
    (fit) => [before.width, before.height, fit, targets.map((target) => ({ operation: 'resize', fit, ...target }))] as const,
  ),
);

test.each(resizes)('foretells the size of a picture of %d×%d resized to %s', async (width, height, _fit, requests) => {
  for (const request of requests) {
    const { foretold, made } = await sizes({ width, height }, request);
    expect({ request, size: foretold }).toEqual({ request, size: made });
  }
});

test.each([0, 90, 180, 270, -90, 360, 1, 12.5, 45, 89.9, -133, 200])(
  'foretells the size after a rotation by %d°',
  async (angle) => {
    for (const before of befores) {
      const { foretold, made } = await sizes(before, { operation: 'rotate', angle });
      expect({ before, size: foretold }).toEqual({ before, size: made });
    }
  },
);

test.each([
  { operation: 'crop', left: 100, top: 20, width: 201, height: 153 },
  { operation: 'extend', top: 1, right: 2, bottom: 3, left: 4 },
  { operation: 'pixelate', size: 7 },
  { operation: 'pixelate', size: 512 },
  { operation: 'roundCorners', percent: 50 },
  { operation: 'text', text: 'a text that is far too long for this picture, and higher than it too', size: 90 },
])('foretells the size after %j', async (request) => {
  const { foretold, made } = await sizes({ width: 301, height: 173 }, request);
  expect(foretold).toEqual(made);
});

test.each([
  { left: 300, top: 0, width: 2, height: 1 },
  { left: 0, top: 173, width: 1, height: 1 },
])('refuses a crop outside the picture before any pixel is read: %j', (area) => {
  const step = Operation.parse({ operation: 'crop', ...area });
  expect(() => operationOf(step.operation).size({ width: 301, height: 173 }, step)).toThrow(ImageError);
});

test('refuses a text that would be drawn far larger than the picture', () => {
  const step = Operation.parse({ operation: 'text', text: 'i\n'.repeat(250), size: 1000 });
  expect(() => operationOf(step.operation).size({ width: 301, height: 173 }, step)).toThrow(ImageError);
});
