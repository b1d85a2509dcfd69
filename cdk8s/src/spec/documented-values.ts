/**
 * What the documentation says to operators. A block of code that is marked as `yaml` and nothing else has values of the chart, to be copied
 * as they are; other YAML says behind that word what it is for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { asKubernetes } from '../helm/emit.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** By their paths in the checkout. */
export const pages: readonly (readonly [path: string, text: string])[] = [
  'charts/tintype/README.md',
  ...['docs', 'docs/runbooks'].flatMap((directory) =>
    readdirSync(join(root, directory))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${directory}/${name}`),
  ),
].map((path) => [path, readFileSync(join(root, path), 'utf8')]);

export const documentedValues: readonly (readonly [where: string, values: object])[] = pages.flatMap(([path, text]) =>
  [...text.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(({ index, 1: yaml = '' }) => {
    const line = text.slice(0, index).split('\n').length;
    return [`the values in ${path}:${line}`, parse(yaml, asKubernetes) as object] as const;
  }),
);

/** Dotted names in code, as `worker.drainSeconds` or `queue.backend: redis`. */
export function dottedNames(text: string): string[] {
  return [...text.matchAll(/`([a-z]\w*(?:\.\w+)+)(?:[:=][^`]*)?`/g)].map(([, name = '']) => name);
}

/** Names of environment variables in code, as `WORKER_CONCURRENCY` or `STORAGE_DRIVER=s3`; those of one word are too many other things. */
export function variableNames(text: string): string[] {
  return [...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`/g)].map(([, name = '']) => name);
}
