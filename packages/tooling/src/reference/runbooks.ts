import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filledRunbook } from '@tintype/monitoring';
import { root } from '../root.js';

export const runbookDirectory = 'docs/runbooks';

/** The pages of docs/runbooks, with what the alerts say of themselves. */
export function runbooks(): Record<string, string> {
  const files = readdirSync(join(root, runbookDirectory)).map((name) => `${runbookDirectory}/${name}`);
  return Object.fromEntries(
    files.map((path) => [path, filledRunbook(basename(path, '.md'), readFileSync(join(root, path), 'utf8'))]),
  );
}
