import type { Readable } from 'node:stream';

/** First and last byte, both included and counted from 0, as in HTTP. An end past the object means its last byte. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface PutOptions {
  /** Gives the write up; `put` then rejects with the signal's reason and leaves nothing. */
  readonly signal?: AbortSignal | undefined;
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/**
 * Where the bytes of images live. Keys are paths of plain segments (`uploads/<uuid>`); any other key is an
 * {@link InvalidKeyError}. Objects appear whole or not at all, and whoever reads one keeps it although it is replaced or
 * deleted meanwhile. Everything here may reject with a {@link StorageError}.
 */
export interface Storage {
  /**
   * Writes an object, replacing what was there. Durable once resolved; a failure or an abort leaves nothing behind and destroys
   * the body. An error of the body itself is passed on as it is.
   */
  put(key: string, body: Readable | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<{ bytes: number }>;

  /** Whether `putFile` keeps the very file that it is given: then it pays to sync the file when it is written, and to say so. */
  readonly keepsFiles: boolean;

  /**
   * As `put` from a local file, which it takes over: afterwards nothing is at `path`. Cheap for files of a scratch directory.
   * `synced`: whoever wrote it has synced it, and nobody but its owner may read it.
   */
  putFile(key: string, path: string, options?: { readonly synced?: boolean }): Promise<void>;

  /**
   * Reads an object, or a range of it. `bytes` is the size of the whole object. The body must be read or destroyed.
   * @throws NotFoundError
   * @throws RangeError when no byte is in the range
   */
  get(key: string, range?: ByteRange): Promise<{ body: Readable; bytes: number }>;

  /**
   * The path of a local file with the bytes of an object, for reading only: the object itself, or a copy within `directory`.
   * @throws NotFoundError
   */
  fetch(key: string, directory: string): Promise<string>;

  /** Undefined when there is no such object. */
  stat(key: string): Promise<{ bytes: number } | undefined>;

  /** A missing object counts as deleted. Tries every key before it rejects. */
  delete(keys: readonly string[]): Promise<void>;

  /** Objects whose key starts with `prefix`, in no order. What is written or deleted meanwhile may be missed. */
  list(prefix: string): AsyncIterable<StoredObject>;

  /** Creates an empty private directory for the files of one job, where `putFile` is cheapest. The caller removes it. */
  createScratchDirectory(): Promise<string>;

  /** Removes what interrupted writes and killed processes left, once it is older than `ageMs`; resolves to how many there were. */
  removeAbandoned(ageMs: number): Promise<number>;

  /** Writes, reads and deletes a small object: rejects when the storage cannot be used. */
  check(): Promise<void>;
}
