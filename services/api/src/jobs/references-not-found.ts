import { ImageReference, referenceKey } from '@tintype/operations';
import { jsonPointer } from '@tintype/platform';
import { problem } from '../http/problems.js';
import { maxFaults } from '../http/validation.js';

/** A 422 problem that points to where a document names images that are not there. */
export function referencesNotFound(missing: readonly ImageReference[], document: unknown): Error {
  const pointers = pointersTo(new Set(missing.map(referenceKey)), document, []);
  const errors = pointers.slice(0, maxFaults).map((pointer) => ({
    pointer,
    code: 'reference_not_found',
    detail: 'does not exist, or is not a completed image',
  }));
  return problem('reference_not_found', undefined, { errors });
}

function pointersTo(keys: ReadonlySet<string>, value: unknown, path: readonly PropertyKey[]): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const reference = ImageReference.safeParse(value);
  if (reference.success) return keys.has(referenceKey(reference.data)) ? [jsonPointer(path)] : [];
  return Object.entries(value).flatMap(([key, child]) => pointersTo(keys, child, [...path, key]));
}
