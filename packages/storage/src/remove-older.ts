import { lstat, rm } from 'node:fs/promises';
import { ifPresent } from './errors.js';

/** Removes those files and directories that have not been changed for `ageMs`; resolves to how many there were. */
export async function removeOlder(paths: readonly string[], ageMs: number): Promise<number> {
  const removed = await Promise.all(paths.map((path) => removeIfOlder(path, ageMs)));
  return removed.filter(Boolean).length;
}

async function removeIfOlder(path: string, ageMs: number): Promise<boolean> {
  const stats = await ifPresent(lstat(path));
  if (!stats || Date.now() - stats.mtimeMs < ageMs) return false;
  await rm(path, { recursive: true, force: true });
  return true;
}
