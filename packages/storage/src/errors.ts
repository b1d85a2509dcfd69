/** The storage could not do it. Worth another try unless `retryable` says otherwise. */
export class StorageError extends Error {
  readonly retryable: boolean = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class NotFoundError extends StorageError {
  override readonly retryable = false;

  constructor(readonly key: string) {
    super(`There is no object ${key}`);
  }
}

/** The disk, or the quota on it, is used up. */
export class OutOfSpaceError extends StorageError {}

/** The key is no path of plain segments: a fault of the program, as keys never come from a client. */
export class InvalidKeyError extends StorageError {
  override readonly retryable = false;

  constructor() {
    super('A key is one or more segments of letters, digits, ".", "_" and "-", parted by "/", none of which starts with a "."');
  }
}

/** Wraps an error of the operating system or of a connection, so that callers need not know its codes. */
export function toStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new OutOfSpaceError('The storage is full', { cause: error });
  return new StorageError(`The storage failed (${code})`, { cause: error });
}

/** Whether an error of the operating system has one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Has whatever fails within fail with a StorageError. */
export async function attempt<Result>(operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw toStorageError(error);
  }
}

/** Undefined when the file is not there, or is a symbolic link where one must not be. */
export async function ifPresent<Result>(operation: Promise<Result>): Promise<Result | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.name;
}
