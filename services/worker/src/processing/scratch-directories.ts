import { rm } from 'node:fs/promises';
import type { Storage } from '@tintype/storage';

/** An abandoned directory is removed by whoever tidies the storage up, which must never be one that is about to be used. */
const reuseWithinMs = 10 * 60_000;

/**
 * Where children leave the files of a job until they are stored. A directory serves one job after the other, as to make and
 * remove one costs more than the rest of the bookkeeping in the file system.
 */
export class ScratchDirectories {
  readonly #storage: Storage;
  readonly #free: { readonly path: string; readonly usedAt: number }[] = [];

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** `work` must take away every file that it makes, if it succeeds. */
  async with<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
    const path = await this.#take();
    try {
      const result = await work(path);
      this.#free.push({ path, usedAt: performance.now() });
      return result;
    } catch (error) {
      await remove(path);
      throw error;
    }
  }

  /** Removes those that are not in use. */
  async clear(): Promise<void> {
    await Promise.all(this.#free.splice(0).map(({ path }) => remove(path)));
  }

  async #take(): Promise<string> {
    const latest = this.#free.pop();
    if (latest && performance.now() - latest.usedAt < reuseWithinMs) return latest.path;
    if (latest) await remove(latest.path);
    return this.#storage.createScratchDirectory();
  }
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}
