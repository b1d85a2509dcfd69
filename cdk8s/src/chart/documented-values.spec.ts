/** The documentation names only what there is. Whether the values in it work is tested with all other ways to install the chart. */
import { parse } from 'yaml';
import { documentedValues, dottedNames, pages, variableNames } from '../spec/documented-values.js';
import { known } from './settings.js';
import { tintypeChart } from './tintype-chart.js';

const values = parse(tintypeChart()['values.yaml'] ?? '') as Tree;
const variables = new Set([...Object.keys(known), 'NODE_EXTRA_CA_CERTS']);

interface Tree {
  readonly [name: string]: unknown;
}

test.each(pages)('%s names values that the chart has', (_path, text) => {
  const names = dottedNames(text).filter((name) => (name.split('.', 1)[0] ?? '') in values);

  expect(names.filter((name) => !isValue(name.split('.')))).toEqual([]);
});

test.each(pages)('%s names settings that the services have', (_path, text) => {
  expect(variableNames(text).filter((name) => !variables.has(name))).toEqual([]);
});

test.each(documentedValues)('%s set variables that the services know', (_where, documented) => {
  const { api, worker, migration } = documented as Readonly<Record<string, { extraEnv?: { name: string }[] }>>;
  const names = [api, worker, migration].flatMap((workload) => workload?.extraEnv ?? []).map(({ name }) => name);

  expect(names.filter((name) => !variables.has(name))).toEqual([]);
});

test('finds the values and names of a page', () => {
  const paths = pages.map(([path]) => path);
  expect(paths).toEqual(expect.arrayContaining(['charts/tintype/README.md', 'docs/install.md', 'docs/operations.md']));
  expect(documentedValues.map(([where]) => where.replace(/:\d+$/, ''))).toEqual(
    expect.arrayContaining(['the values in charts/tintype/README.md', 'the values in docs/install.md']),
  );
  expect(dottedNames('Set `worker.replicas`, or `queue.backend: postgres`; not worker.nothing.')).toEqual([
    'worker.replicas',
    'queue.backend',
  ]);
  expect(variableNames('With `STORAGE_DRIVER=s3` or `PG_HOST`')).toEqual(['STORAGE_DRIVER', 'PG_HOST']);
});

/** Whether there is such a value, or a map that an operator may give any entries. */
function isValue([name = '', ...rest]: readonly string[], tree: Tree = values): boolean {
  if (Object.keys(tree).length === 0) return true;
  if (!(name in tree)) return false;
  const value = tree[name];
  return rest.length === 0 || (typeof value === 'object' && value !== null && isValue(rest, value as Tree));
}
