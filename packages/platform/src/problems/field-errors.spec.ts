import { z } from 'zod';
import { fieldErrors, jsonPointer } from './field-errors.js';

function errorsOf(schema: z.ZodType, value: unknown, prefix?: readonly PropertyKey[]) {
  const { error } = schema.safeParse(value);
  if (!error) throw new Error('The value is valid');
  return fieldErrors(error.issues, prefix);
}

const resize = z.strictObject({ operation: z.literal('resize'), width: z.int().min(1).max(100) });
const blur = z.strictObject({ operation: z.literal('blur'), sigma: z.number() });

describe('fieldErrors', () => {
  test('tells where each fault is, by JSON Pointer', () => {
    const schema = z.object({ outputs: z.array(z.object({ width: z.int().min(1).max(100), name: z.string() })), id: z.uuid() });
    expect(errorsOf(schema, { outputs: [{ width: 1, name: 'a' }, { width: 500 }], id: 'x' })).toEqual([
      { pointer: '/outputs/1/width', code: 'too_big', detail: 'expected number to be <=100' },
      { pointer: '/outputs/1/name', code: 'required', detail: 'is required' },
      { pointer: '/id', code: 'invalid_format', detail: 'Invalid UUID' },
    ]);
  });

  test('places faults below a prefix', () => {
    expect(errorsOf(z.string(), 7, ['outputs', 0])).toEqual([
      { pointer: '/outputs/0', code: 'invalid_type', detail: 'expected string, received number' },
    ]);
    expect(errorsOf(z.string(), 7)[0]?.pointer).toBe('');
  });

  test('names every property that is not known', () => {
    expect(errorsOf(z.strictObject({ a: z.number() }), { a: 1, 'b/c': 2, d: 3 })).toEqual([
      { pointer: '/b~1c', code: 'unknown_property', detail: 'is not known here' },
      { pointer: '/d', code: 'unknown_property', detail: 'is not known here' },
    ]);
  });

  test('looks only at the alternative that the discriminator names', () => {
    const schema = z.object({ operations: z.array(z.discriminatedUnion('operation', [resize, blur])) });
    expect(errorsOf(schema, { operations: [{ operation: 'resize', width: 0 }, { operation: 'sepia' }] })).toEqual([
      { pointer: '/operations/0/width', code: 'too_small', detail: expect.any(String) },
      { pointer: '/operations/1/operation', code: 'invalid_value', detail: 'is none of the values allowed here' },
    ]);
  });

  test('looks at the likeliest alternative of a plain union', () => {
    const reference = z.union([
      z.strictObject({ upload_id: z.uuid() }),
      z.strictObject({ job_id: z.uuid(), output: z.string() }),
    ]);
    expect(errorsOf(reference, { job_id: 'x', output: 'a' })).toEqual([
      { pointer: '/job_id', code: 'invalid_format', detail: 'Invalid UUID' },
    ]);
    expect(errorsOf(reference, { upload_id: 'x' })).toEqual([
      { pointer: '/upload_id', code: 'invalid_format', detail: 'Invalid UUID' },
    ]);
    expect(errorsOf(z.object({ color: z.union([z.string(), resize]) }), { color: { operation: 'resize', width: 0 } })).toEqual([
      { pointer: '/color/width', code: 'too_small', detail: expect.any(String) },
    ]);
  });

  test('takes the code of a rule of our own', () => {
    const schema = z.array(z.string()).superRefine((names, context) => {
      if (new Set(names).size < names.length)
        context.addIssue({ code: 'custom', path: [1], message: 'is used twice', params: { code: 'duplicate_name' } });
    });
    expect(errorsOf(schema, ['a', 'a'])).toEqual([{ pointer: '/1', code: 'duplicate_name', detail: 'is used twice' }]);
  });
});

describe('jsonPointer', () => {
  test('escapes as RFC 6901 says', () => {
    expect(jsonPointer(['a/b', 'm~n', 0, ''])).toBe('/a~1b/m~0n/0/');
    expect(jsonPointer([])).toBe('');
  });
});
