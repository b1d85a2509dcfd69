import { randomUUID } from 'node:crypto';
import { constants, createReadStream, type Dir } from 'node:fs';
import { type FileHandle, lstat, mkdir, mkdtemp, open, opendir, readdir, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writeReadDelete } from './canary.js';
import { Directories } from './directories.js';
import { attempt, hasCode, ifPresent, NotFoundError, StorageError, toStorageError } from './errors.js';
import { FileWriter } from './file-writer.js';
import { checkKey, checkPrefix } from './key.js';
import { removeOlder } from './remove-older.js';
import type { ByteRange, PutOptions, Storage, StoredObject } from './storage.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Objects as files under one directory, which the API and every worker share. Unfinished files and scratch directories are in
 * its `.tmp`, so that a rename puts a finished file in place.
 */
export class FilesystemStorage implements Storage {
  readonly keepsFiles = true;
  readonly #root: string;
  readonly #temporary: string;
  readonly #directories: Directories;

  constructor(options: { directory: string }) {
    this.#root = resolve(options.directory);
    this.#temporary = join(this.#root, '.tmp');
    this.#directories = new Directories(this.#root);
  }

  async put(key: string, body: Readable | AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<{ bytes: number }> {
    const target = this.#path(key);
    const { signal } = options;
    // A stream may fail before the pipeline listens to it, and an error that nobody hears ends the process.
    if (body instanceof Readable) body.on('error', () => {});
    const { path, handle } = await this.#createTemporary(signal).catch((error: unknown) => {
      if (body instanceof Readable) body.destroy();
      throw error;
    });
    try {
      const writer = new FileWriter(handle);
      try {
        await pipeline(body, writer, signal ? { signal } : {});
        await attempt(() => handle.sync());
      } finally {
        await handle.close();
      }
      await this.#place(path, target);
      return { bytes: writer.bytes };
    } catch (error) {
      await rm(path, { force: true });
      throw signal?.aborted ? signal.reason : error;
    }
  }

  async putFile(key: string, path: string, { synced = false }: { readonly synced?: boolean } = {}): Promise<void> {
    const target = this.#path(key);
    if (!synced) await this.#sync(path);
    try {
      await this.#place(path, target);
    } catch (error) {
      if (!(error instanceof StorageError && hasCode(error.cause, 'EXDEV'))) throw error;
      await this.put(key, createReadStream(path));
      await attempt(() => unlink(path));
    }
  }

  async get(key: string, range?: ByteRange): Promise<{ body: Readable; bytes: number }> {
    const { handle, bytes } = await this.#open(key);
    if (!range) return { body: handle.createReadStream(), bytes };
    if (range.start >= bytes || range.end < range.start) {
      await handle.close();
      throw new RangeError(`The range has none of the ${bytes} bytes`);
    }
    return { body: handle.createReadStream({ start: range.start, end: range.end }), bytes };
  }

  async fetch(key: string): Promise<string> {
    if (!(await this.stat(key))) throw new NotFoundError(key);
    return this.#path(key);
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    const path = this.#path(key);
    const stats = await attempt(() => ifPresent(lstat(path)));
    return stats?.isFile() ? { bytes: stats.size } : undefined;
  }

  async delete(keys: readonly string[]): Promise<void> {
    const paths = keys.map((key) => this.#path(key));
    const results = await Promise.allSettled(paths.map((path) => attempt(() => ifPresent(unlink(path)))));
    const directories = new Set(paths.map((path) => dirname(path)));
    results.push(...(await Promise.allSettled([...directories].map((directory) => this.#directories.prune(directory)))));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw toStorageError(failed.reason);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    try {
      yield* this.#walk(prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix);
    } catch (error) {
      throw toStorageError(error);
    }
  }

  async createScratchDirectory(): Promise<string> {
    return attempt(async () => {
      await mkdir(this.#temporary, { recursive: true, mode: 0o700 });
      return mkdtemp(join(this.#temporary, 'scratch-'));
    });
  }

  async removeAbandoned(ageMs: number): Promise<number> {
    return attempt(async () => {
      const names = (await ifPresent(readdir(this.#temporary))) ?? [];
      return removeOlder(
        names.map((name) => join(this.#temporary, name)),
        ageMs,
      );
    });
  }

  async check(): Promise<void> {
    await writeReadDelete(this);
  }

  #path(key: string): string {
    checkKey(key);
    return join(this.#root, key);
  }

  async #sync(path: string): Promise<void> {
    await attempt(async () => {
      await using handle = await open(path, O_RDONLY | O_NOFOLLOW);
      await handle.chmod(0o600);
      await handle.sync();
    });
  }

  async #createTemporary(signal: AbortSignal | undefined): Promise<{ path: string; handle: FileHandle }> {
    signal?.throwIfAborted();
    return attempt(async () => {
      await mkdir(this.#temporary, { recursive: true, mode: 0o700 });
      const path = join(this.#temporary, randomUUID());
      return { path, handle: await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600) };
    });
  }

  /** Moves a finished, synced file to its place; durable once resolved. */
  async #place(path: string, target: string): Promise<void> {
    const directory = dirname(target);
    await attempt(async () => {
      await this.#renameInto(directory, path, target);
      try {
        await this.#directories.sync(directory);
      } catch (error) {
        // It may or may not be there after a power cut, so it must not be there now.
        await rm(target, { force: true });
        throw error;
      }
    });
  }

  async #renameInto(directory: string, path: string, target: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#directories.underWay(directory);
        return await rename(path, target);
      } catch (error) {
        // The directory is not there yet, or a delete has pruned it again.
        if (!hasCode(error, 'ENOENT') || tries === 10) throw error;
        await this.#directories.ensure(directory);
      }
    }
  }

  async #open(key: string): Promise<{ handle: FileHandle; bytes: number }> {
    const path = this.#path(key);
    const handle = await attempt(() => ifPresent(open(path, O_RDONLY | O_NOFOLLOW)));
    if (!handle) throw new NotFoundError(key);
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, bytes: stats.size };
    await handle.close();
    throw new NotFoundError(key);
  }

  async *#walk(directory: string, prefix: string): AsyncGenerator<StoredObject> {
    const entries: Dir | undefined = await attempt(() => ifPresent(opendir(join(this.#root, directory))));
    if (!entries) return;
    for await (const entry of entries) {
      const key = directory + entry.name;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) {
        if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)) yield* this.#walk(`${key}/`, prefix);
      } else if (entry.isFile() && key.startsWith(prefix)) {
        const stats = await ifPresent(lstat(join(this.#root, key)));
        if (stats) yield { key, bytes: stats.size, modifiedAt: stats.mtime };
      }
    }
  }
}
