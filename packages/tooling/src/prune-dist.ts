/**
 * Removes build output whose source is gone. `tsc -b` never does, and Jest would go on running the spec of a deleted feature.
 */
import { existsSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './root.js';

for (const group of ['packages', 'services']) {
  for (const name of readdirSync(join(root, group))) prune(join(root, group, name));
}
for (const name of ['cdk8s', 'e2e']) prune(join(root, name));

function prune(workspace: string): void {
  const dist = join(workspace, 'dist');
  if (!existsSync(dist)) return;
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const stem = /^(.*?)\.(?:d\.ts|js|json)(?:\.map)?$/.exec(file)?.[1];
    if (stem === undefined) continue;
    const sources = [`${stem}.ts`, `${stem}.tsx`, `${stem}.json`].map((source) => join(workspace, 'src', source));
    if (sources.some(existsSync)) continue;
    rmSync(join(dist, file));
    removeEmpty(dirname(join(dist, file)), dist);
  }
}

function removeEmpty(directory: string, dist: string): void {
  if (directory === dirname(dist) || readdirSync(directory).length > 0) return;
  rmdirSync(directory);
  removeEmpty(dirname(directory), dist);
}
