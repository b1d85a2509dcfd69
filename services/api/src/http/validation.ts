/** Checks what clients send against zod schemas. */
import { fieldErrors, type FieldError } from '@tintype/platform';
import type { z } from 'zod';
import { problem } from './problems.js';

/** More faults than this in one document are not worth a client's reading. */
export const maxFaults = 100;

/**
 * The checked value, with its defaults. Throws a 422 problem that names all faults at once; `rename` turns their pointers into
 * ones into what the client sent, where that is another document.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  rename?: (pointer: string) => string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error.issues);
  throw validationFailed(rename ? errors.map((error) => ({ ...error, pointer: rename(error.pointer) })) : errors);
}

export function validationFailed(errors: readonly FieldError[]): Error {
  const [first] = errors;
  const detail =
    errors.length === 1 && first ? `${first.pointer || 'The document'}: ${first.detail}.` : `There are ${errors.length} faults.`;
  return problem('validation_failed', detail, { errors: errors.slice(0, maxFaults) });
}
