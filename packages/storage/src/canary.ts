import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { StorageError } from './errors.js';
import type { Storage } from './storage.js';

/** The check of a storage: does with a small object what it does with images. */
export async function writeReadDelete(storage: Storage): Promise<void> {
  // In no folder: a server that keeps objects as files would make and remove it each time, for every pod.
  const key = `check-${randomUUID()}`;
  const canary = Buffer.from(key);
  try {
    await storage.put(key, Readable.from([canary]));
    const { body } = await storage.get(key);
    const read = Buffer.concat(await body.toArray());
    if (!read.equals(canary)) throw new StorageError('The storage gave back other bytes than were written');
  } finally {
    await storage.delete([key]);
  }
}
