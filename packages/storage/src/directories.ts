import { mkdir, open, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './errors.js';

/** Makes directory entries durable without syncing more than is needed: measured, an fsync is most of what a small write costs. */
export class Directories {
  readonly #ensuring = new Map<string, Promise<void>>();
  readonly #syncs = new Map<string, { running: Promise<void>; next?: Promise<void> }>();

  constructor(private readonly root: string) {}

  /**
   * Creates a directory below the root and its parents, and makes the new ones durable. Who needs a directory that another
   * call is just creating waits for that call, as its own object would be lost with the directory.
   */
  ensure(directory: string): Promise<void> {
    const underWay = this.#ensuring.get(directory);
    if (underWay) return underWay;
    const ensuring = this.#create(directory).finally(() => this.#ensuring.delete(directory));
    this.#ensuring.set(directory, ensuring);
    return ensuring;
  }

  /** A directory that is being created can be written to before it is durable itself: this waits until it is. */
  async underWay(directory: string): Promise<void> {
    await this.#ensuring.get(directory);
  }

  async #create(directory: string): Promise<void> {
    if (directory === this.root) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      return;
    }
    const parent = dirname(directory);
    await this.ensure(parent);
    try {
      await mkdir(directory, { mode: 0o700 });
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return;
      throw error;
    }
    await this.sync(parent);
  }

  /**
   * Makes the entries that a directory has now durable. Calls that come while a sync runs share the next one: it starts
   * after their entries were made, and one journal commit serves them all.
   */
  sync(directory: string): Promise<void> {
    const current = this.#syncs.get(directory);
    if (!current) return this.#start(directory);
    current.next ??= current.running.then(
      () => this.#start(directory),
      () => this.#start(directory),
    );
    return current.next;
  }

  #start(directory: string): Promise<void> {
    const entry: { running: Promise<void>; next?: Promise<void> } = { running: syncDirectory(directory) };
    this.#syncs.set(directory, entry);
    const forget = () => {
      if (!entry.next) this.#syncs.delete(directory);
    };
    entry.running.then(forget, forget);
    return entry.running;
  }

  /** Removes a directory and its parents while they are empty, but keeps the first level, which is soon needed again. */
  async prune(directory: string): Promise<void> {
    for (let current = directory; dirname(current) !== this.root && current !== this.root; current = dirname(current)) {
      try {
        // rmdir never removes a directory that has an entry, so it cannot race with a write into it.
        await rmdir(current);
      } catch (error) {
        if (hasCode(error, 'ENOENT')) continue;
        if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return;
        throw error;
      }
    }
  }
}

async function syncDirectory(directory: string): Promise<void> {
  try {
    await using handle = await open(directory, 'r');
    await handle.sync();
  } catch (error) {
    // It was pruned meanwhile, and so was what should have become durable in it.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
