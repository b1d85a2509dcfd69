import type { Orphans } from '@tintype/jobs';
import type { Storage } from '@tintype/storage';

/** A file that nothing knows of after a day has no part in anything that is still under way. */
export const orphanAge = 86_400;

const filesAtATime = 1_000;
const prefixes = ['uploads/', 'outputs/'];

/** Of the files that were looked at together. */
export interface SweptFiles {
  readonly deleted: number;
  /** Files that are not ours to delete, as far as one can tell. */
  readonly strangers: number;
}

/** Deletes what lies in the storage for longer than `age` seconds and belongs to nothing, page by page. */
export async function* sweepOrphans(orphans: Orphans, storage: Storage, age: number): AsyncGenerator<SweptFiles> {
  const before = await orphans.secondsAgo(age);
  for await (const keys of pages(oldFiles(storage, before))) {
    const found = await orphans.among(keys);
    await storage.delete(found.orphans);
    yield { deleted: found.orphans.length, strangers: found.strangers };
  }
}

async function* oldFiles(storage: Storage, before: Date): AsyncGenerator<string> {
  for (const prefix of prefixes) {
    for await (const { key, modifiedAt } of storage.list(prefix)) if (modifiedAt <= before) yield key;
  }
}

async function* pages(keys: AsyncIterable<string>): AsyncGenerator<string[]> {
  let page: string[] = [];
  for await (const key of keys) {
    page.push(key);
    if (page.length < filesAtATime) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
