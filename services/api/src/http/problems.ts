/** The problems that this API answers with: their codes, statuses and titles are those of the jobs package's list. */
import { problems, type ProblemCode } from '@tintype/jobs';
import { type FieldError, Problem } from '@tintype/platform';

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** `detail` is one or more whole sentences for the client. */
export function problem(code: ProblemCode, detail?: string, options: ProblemOptions = {}): Problem {
  const { status, title } = problems[code];
  return new Problem({ status, code, title, detail, ...options });
}

export function incompleteBody(): Problem {
  return problem('bad_request', 'The body ended before it was complete.');
}
