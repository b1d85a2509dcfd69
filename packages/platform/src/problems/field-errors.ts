import type { z } from 'zod';
import type { FieldError } from './problem.js';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Every fault that zod found, in a client's terms. `prefix` is where the parsed value lies in what the client sent. */
export function fieldErrors(issues: readonly Issue[], prefix: Path = []): FieldError[] {
  return issues.flatMap((issue) => toFieldErrors(issue, [...prefix, ...issue.path]));
}

export function jsonPointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function toFieldErrors(issue: Issue, path: Path): FieldError[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        pointer: jsonPointer([...path, key]),
        code: 'unknown_property',
        detail: 'is not known here',
      }));
    case 'invalid_union': {
      const branch = likeliestBranch(issue.errors);
      if (branch) return fieldErrors(branch, path);
      return [fieldError(path, 'invalid_value', 'is none of the values allowed here')];
    }
    case 'invalid_type':
      if (issue.message.endsWith('received undefined')) return [fieldError(path, 'required', 'is required')];
      return [fieldError(path, issue.code, detailOf(issue))];
    case 'custom':
      return [fieldError(path, customCode(issue), detailOf(issue))];
    default:
      return [fieldError(path, issue.code, detailOf(issue))];
  }
}

function fieldError(path: Path, code: string, detail: string): FieldError {
  return { pointer: jsonPointer(path), code, detail };
}

/**
 * The alternative that the client most likely meant: the one with the fewest faults that are about which alternative it is
 * (properties missing or unknown, wrong type at the top), then with the fewest at all. All of them together would only confuse.
 */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const scored = branches.map((issues) => ({ issues, score: issues.filter(isOfShape).length * 100 + issues.length }));
  return scored.toSorted((a, b) => a.score - b.score)[0]?.issues;
}

function isOfShape(issue: Issue): boolean {
  if (issue.code === 'unrecognized_keys') return true;
  return issue.code === 'invalid_type' && (issue.path.length === 0 || issue.message.endsWith('received undefined'));
}

function detailOf(issue: Issue): string {
  return issue.message.replace(/^(Invalid input|Too small|Too big|Invalid option): /, '');
}

/** A rule of our own may name its code: `context.addIssue({ code: 'custom', params: { code: 'duplicate_name' }, … })`. */
function customCode(issue: z.core.$ZodIssueCustom): string {
  const code: unknown = issue.params?.['code'];
  return typeof code === 'string' ? code : 'invalid_value';
}
