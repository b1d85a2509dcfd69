import { Readable } from 'node:stream';
import { InvalidKeyError, NotFoundError, OutOfSpaceError, StorageError } from './errors.js';
import type { ByteRange, PutOptions, Storage, StoredObject } from './storage.js';

/** `put` and `get` by whichever of their methods. */
export type StorageOperation = 'put' | 'get' | 'stat' | 'delete' | 'list' | 'check';
export type StorageFailure = 'unavailable' | 'out_of_space';

/** Told of operations once they have ended. */
export interface StorageObserver {
  /**
   * Well or not. What others do at their pace is no time of the storage: of a `put` it is the time since the last byte of the body
   * came, of a `get` that until the first byte can be read, of a `list` that until the first object is there.
   */
  ended(operation: StorageOperation, seconds: number): void;
  /** A missing object is no failure, nor is a write that was given up or whose body failed. */
  failed(operation: StorageOperation, reason: StorageFailure): void;
}

/** Any storage, with an eye on it. */
export class MeasuredStorage implements Storage {
  constructor(
    private readonly storage: Storage,
    private readonly observer: StorageObserver,
  ) {}

  get keepsFiles(): boolean {
    return this.storage.keepsFiles;
  }

  async put(key: string, body: Readable | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<{ bytes: number }> {
    let since: number | undefined;
    const ended = () => (since = performance.now());
    const watched = body instanceof Readable ? body.once('end', ended) : andThen(body, ended);
    return this.#measure(
      'put',
      () => this.storage.put(key, watched, options),
      () => since,
    );
  }

  async putFile(key: string, path: string, options?: { readonly synced?: boolean }): Promise<void> {
    await this.#measure('put', () => this.storage.putFile(key, path, options));
  }

  async get(key: string, range?: ByteRange): Promise<{ body: Readable; bytes: number }> {
    return this.#measure('get', () => this.storage.get(key, range));
  }

  async fetch(key: string, directory: string): Promise<string> {
    return this.#measure('get', () => this.storage.fetch(key, directory));
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    return this.#measure('stat', () => this.storage.stat(key));
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#measure('delete', () => this.storage.delete(keys));
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const objects = this.storage.list(prefix)[Symbol.asyncIterator]();
    try {
      let next = await this.#measure('list', () => objects.next());
      while (!next.done) {
        yield next.value;
        next = await this.#count('list', objects.next());
      }
    } finally {
      await objects.return?.();
    }
  }

  createScratchDirectory(): Promise<string> {
    return this.storage.createScratchDirectory();
  }

  removeAbandoned(ageMs: number): Promise<number> {
    return this.storage.removeAbandoned(ageMs);
  }

  async check(): Promise<void> {
    await this.#measure('check', () => this.storage.check());
  }

  /** `since`: when its time began, if it has. */
  async #measure<Result>(
    operation: StorageOperation,
    run: () => Promise<Result>,
    since?: () => number | undefined,
  ): Promise<Result> {
    const started = performance.now();
    let isOfStorage = true;
    try {
      return await this.#count(operation, run());
    } catch (error) {
      isOfStorage = error instanceof StorageError;
      throw error;
    } finally {
      const from = since ? since() : started;
      if (isOfStorage && from !== undefined) this.observer.ended(operation, (performance.now() - from) / 1000);
    }
  }

  async #count<Result>(operation: StorageOperation, result: Promise<Result>): Promise<Result> {
    try {
      return await result;
    } catch (error) {
      const reason = failureOf(error);
      if (reason) this.observer.failed(operation, reason);
      throw error;
    }
  }
}

function failureOf(error: unknown): StorageFailure | undefined {
  if (!(error instanceof StorageError) || error instanceof NotFoundError || error instanceof InvalidKeyError) return undefined;
  return error instanceof OutOfSpaceError ? 'out_of_space' : 'unavailable';
}

async function* andThen(body: AsyncIterable<Uint8Array>, ended: () => void): AsyncGenerator<Uint8Array> {
  yield* body;
  ended();
}
