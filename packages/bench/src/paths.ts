import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this file was built in. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Pictures, which are made once, and what a run leaves behind. */
export const benchDirectory = join(root, '.data', 'bench');

/** The JavaScript file of a program in this package. */
export function program(name: string): string {
  return fileURLToPath(new URL(`${name}.js`, import.meta.url));
}
