import sharp, { type Sharp } from 'sharp';
import { type Stage, stages } from './define.js';
import { Operation, operations, operationOf } from './registry.js';
import { applyOperations } from './run/index.js';
import { painted } from './specs/pictures.js';

/** Steps that a pipeline can share with others, each with options that show. */
const steps = [
  { operation: 'trim', background: 'white', threshold: 40 },
  { operation: 'crop', left: 5, top: 3, width: 50, height: 30 },
  { operation: 'flatten', background: '#2060a0' },
  { operation: 'flip' },
  { operation: 'flop' },
  { operation: 'resize', width: 40, height: 20, position: 'north' },
  { operation: 'resize', width: 30, height: 40, fit: 'contain', background: '#f0c' },
  { operation: 'extend', top: 3, left: 7, background: '#e04010' },
  { operation: 'blur', sigma: 1.5 },
  { operation: 'sharpen' },
  { operation: 'roundCorners', radius: 9 },
  { operation: 'text', text: 'Æ', size: 14, margin: 1, color: 'yellow' },
  { operation: 'normalise' },
  { operation: 'tint', tint: '#30c060' },
  { operation: 'grayscale' },
  { operation: 'negate' },
].map((step) => Operation.parse(step));

test('tries every stage', () => {
  const tried = new Set(steps.map(({ operation }) => operationOf(operation).stage));
  const joining = operations.map(({ stage }) => stage).filter((stage): stage is Stage => stage !== 'own' && stage !== 'orient');
  expect(tried).toEqual(new Set(joining));
});

const pairs = steps.flatMap((first) =>
  steps.filter((second) => place(first) < place(second)).map((second) => [first, second] as const),
);

test.each(pairs.map(([first, second]) => [first.operation, second.operation, first, second] as const))(
  '%s and then %s give the same in one pipeline as in two',
  async (_first, _second, first, second) => {
    const together = await pixels(await applyOperations(await picture, [first, second]));
    const between = await (await applyOperations(await picture, [first])).png().toBuffer();
    const apart = await pixels(await applyOperations(between, [second]));
    expect([together.info.width, together.info.height]).toEqual([apart.info.width, apart.info.height]);
    expect(meanDifference(together.data, apart.data)).toBeLessThan(1);
  },
);

/** A gradient with a white border and a half transparent bar. */
const picture = painted(64, 40, (x, y) => {
  if (x < 4 || y < 2 || x > 60) return [255, 255, 255, 255];
  return [60 + 2 * x, 230 - 4 * y, 90 + ((x * y) % 50), x > 20 && x < 34 ? 120 : 255];
})
  .png()
  .toBuffer();

function place({ operation }: Operation): number {
  const { stage } = operationOf(operation);
  return stage === 'own' ? -1 : stages.indexOf(stage);
}

function pixels(image: Sharp) {
  return image
    .png()
    .toBuffer()
    .then((data) => sharp(data).toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true }));
}

/** Of what can be seen: colours count by their alpha. */
function meanDifference(one: Buffer, other: Buffer): number {
  let sum = 0;
  for (let index = 0; index < one.length; index += 4) {
    const [alpha, otherAlpha] = [one.readUInt8(index + 3) / 255, other.readUInt8(index + 3) / 255];
    sum += Math.abs(alpha - otherAlpha) * 255;
    for (let at = index; at < index + 3; at++) sum += Math.abs(one.readUInt8(at) * alpha - other.readUInt8(at) * otherAlpha);
  }
  return sum / one.length;
}
