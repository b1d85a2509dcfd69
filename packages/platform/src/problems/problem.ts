/** One fault of a request's content. */
export interface FieldError {
  /** JSON Pointer (RFC 6901) to the value; '' is the whole document. */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** What an answer `application/problem+json` (RFC 9457) holds. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly request_id?: string;
}

interface ProblemOptions {
  /** Stable: clients act on it. */
  readonly code: string;
  readonly status: number;
  /** The same for every occurrence of the code. */
  readonly title: string;
  /** What happened this time; shown to the client. */
  readonly detail?: string | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  /** Headers of the answer, as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly cause?: unknown;
}

/** An error that a client is told of, as a problem document. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(options: ProblemOptions) {
    super(options.detail ?? options.title, { cause: options.cause });
    this.name = 'Problem';
    this.code = options.code;
    this.status = options.status;
    this.title = options.title;
    this.detail = options.detail;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }

  document(requestId?: string): ProblemDocument {
    return {
      type: problemType(this.code),
      title: this.title,
      status: this.status,
      code: this.code,
      ...(this.detail !== undefined && { detail: this.detail }),
      ...(this.errors && { errors: this.errors }),
      ...(requestId !== undefined && { request_id: requestId }),
    };
  }
}

/**
 * The `type` of a problem. A URN and no URL: the service runs on hosts that we do not know, a URL would promise a page there, and
 * RFC 9457 advises against relative ones.
 */
export function problemType(code: string): string {
  return `urn:tintype:problem:${code}`;
}
