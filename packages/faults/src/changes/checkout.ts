/** Copies of what the build has made, with changes: the programs that the sites run. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Change, changed } from './change.js';

/** The checkout that this file was built in. */
export const root = fileURLToPath(new URL('../../../..', import.meta.url));

const rooms = ['packages', 'services'] as const;
/** What does not run. */
const leftOut = /(\/src|\.spec\.js|\.map|\.d\.ts|\.tsbuildinfo)$/;

/**
 * Resolves to the root of a copy below `directory`: the one that is there, if these changes were wanted before. Their order counts.
 * Programs find the libraries in the `node_modules` of `directory`, and each other in that of the copy.
 */
export async function checkoutWith(changes: readonly Change[], directory: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(changes)).digest('hex').slice(0, 12);
  const path = join(directory, hash);
  const isThere = await readdir(path).catch(() => undefined);
  if (isThere) return path;
  // Under another name until it is complete, as several sites may want it at the same time.
  const unfinished = `${path}-${process.hrtime.bigint()}`;
  await makeCopy(unfinished);
  for (const change of changes) {
    const file = join(unfinished, change.file);
    await writeFile(file, changed(await readFile(file, 'utf8'), change));
  }
  await rename(unfinished, path).catch(() => rm(unfinished, { recursive: true }));
  return path;
}

/** The directory that copies are made in. */
export async function prepareCheckouts(directory: string): Promise<void> {
  await mkdir(directory);
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
}

async function makeCopy(path: string): Promise<void> {
  const scope = join(path, 'node_modules', '@tintype');
  await mkdir(scope, { recursive: true });
  for (const room of rooms) {
    for (const name of await readdir(join(root, room))) {
      const copy = join(path, room, name);
      await copyBuilt(join(root, room, name), copy);
      await symlink(relative(scope, copy), join(scope, name));
    }
  }
}

async function copyBuilt(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, filter: (source) => !leftOut.test(source) && basename(source) !== 'node_modules' });
  // Libraries of which another version is needed than elsewhere.
  await symlink(join(from, 'node_modules'), join(to, 'node_modules'));
}
