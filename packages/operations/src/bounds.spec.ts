import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { JsonSchema } from './catalogue.js';
import { ImageError } from './image-error.js';
import { formats, Operation, operations } from './registry.js';
import { applyOperations } from './run/index.js';
import { sample } from './specs/pictures.js';
import { madeImage } from './specs/process.js';

/** Any image will do as the second one. */
const second = fileURLToPath(new URL('../golden/flop-left-to-right.png', import.meta.url));

/**
 * Every option at its bounds and with each of its words: what validation lets through, sharp must take. Left out is what a rule
 * over several options refuses.
 */
const steps = operations
  .flatMap(({ id, options, examples }) =>
    variations(options).map((variation) => ({ operation: id, ...examples.at(-1)?.options, ...variation })),
  )
  .map((request) => [request, Operation.safeParse(request)] as const);

test('every bound is inside what the option allows', () => {
  const issues = steps.flatMap(([, { error }]) => error?.issues ?? []);
  expect(issues.filter(({ code }) => code !== 'custom')).toEqual([]);
});

test.each(steps.flatMap(([, { data }]) => (data ? [[data]] : [])))(
  '%j is carried out, or refused as an image error',
  async (step) => {
    const outcome = await applyOperations(await sample('icon'), [step], () => second).then(
      (image) => image.raw().toBuffer(),
      (error: unknown) => error,
    );
    expect(outcome instanceof Buffer || outcome instanceof ImageError).toBe(true);
  },
);

const encodings = formats.flatMap(({ id, options }) => variations(options).map((variation) => ({ format: id, ...variation })));

test.each(encodings.map((encoding) => [encoding]))('%j is encoded, in colour and in gray', async (encoding) => {
  const icon = await sample('icon');
  const coloured = await madeImage(icon, encoding);
  const gray = await madeImage(icon, { ...encoding, operations: [{ operation: 'grayscale' }] });
  expect([coloured.format, gray.format]).toEqual([encoding.format, encoding.format]);
});

function variations(options: z.ZodRawShape): object[] {
  const { properties = {} } = z.toJSONSchema(z.strictObject(options), { io: 'input' });
  return Object.entries(properties).flatMap(([name, schema]) =>
    valuesOf(schema as JsonSchema).map((value) => ({ [name]: value })),
  );
}

function valuesOf({ type, enum: words, minimum, maximum, anyOf = [] }: JsonSchema): unknown[] {
  if (words) return words;
  if (type === 'boolean') return [true, false];
  if (minimum !== undefined) return [minimum, maximum];
  return anyOf.flatMap((part) => valuesOf(part as JsonSchema));
}
