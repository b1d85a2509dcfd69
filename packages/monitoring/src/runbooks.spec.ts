/** A runbook names only what there is: alerts, metrics, labels and their values, panels, pages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type LabelValues, metrics } from '@tintype/metrics';
import { ruleDeclarations } from './alerts.js';
import { dashboardDeclarations } from './dashboards.js';
import { externalSeries } from './external.js';
import { filledRunbook } from './runbook-pages.js';
import type { Series } from './series.js';
import { parse, type SelectorText } from './spec/promql.js';

const directory = new URL('../../../docs/runbooks/', import.meta.url);
const pages = readdirSync(directory).map((file) => [
  file.replace(/\.md$/, ''),
  readFileSync(new URL(file, directory), 'utf8'),
]) as [name: string, text: string][];
const runbooks = pages.filter(([name]) => name !== 'README');
const queries = runbooks.flatMap(([name, text]) =>
  [...text.matchAll(/^( *)```promql\n([^]*?)^\1```$/gm)].map(([, , query = '']) => [name, query.trim()] as const),
);

const targetLabels = ['namespace', 'service', 'job', 'pod'];
const recordings = ruleDeclarations.flatMap((group) => group.recordings);
const known = new Map<string, Readonly<Record<string, LabelValues>>>([
  ...[...Object.values(metrics as Readonly<Record<string, Series>>), ...externalSeries].flatMap(labelsOf),
  ...recordings.map(({ record }) => [record, { slo: 'open' }] as const),
]);

test('there is a page for every alert, and for nothing else', () => {
  const alerts = ruleDeclarations.flatMap((group) => group.alerts).map(({ alert }) => alert);
  expect(runbooks.map(([name]) => name).toSorted()).toEqual(alerts.toSorted());
});

test.each(pages)('%s has the head that its alert makes', (name, text) => {
  expect(text).toBe(filledRunbook(name, text));
});

test.each(runbooks)('%s says what to look at and what to do', (name, text) => {
  expect(text.match(/^#+ .+$/gm)).toEqual([
    `# ${name}`,
    '## Meaning',
    '## Impact',
    '## Diagnosis',
    '## Mitigation',
    '## Afterwards',
  ]);
  expect(text.slice(text.indexOf('## Diagnosis'), text.indexOf('## Mitigation'))).toContain('```promql');
});

test.each(queries)('%s asks for what there is: %s', (_name, query) => {
  const { valid, selectors } = parse(query);
  expect(valid).toBe(true);
  expect(selectors).not.toEqual([]);
  expect(selectors.flatMap(faultsOf)).toEqual([]);
  const labels = selectors.flatMap(({ metric }) => [...Object.keys(known.get(metric) ?? {}), ...targetLabels, 'le']);
  const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', '));
  expect(labels).toEqual(expect.arrayContaining(grouped));
});

test.each(pages)('%s names panels that there are', (_name, text) => {
  const panels = dashboardDeclarations.flatMap(({ title, rows }) =>
    rows.flatMap((row) => [`${title} › ${row.title}`, ...row.panels.map((panel) => `${title} › ${panel.title}`)]),
  );
  const named = [...text.matchAll(/\*\*([^*]+ › [^*]+)\*\*/g)].map(([, panel = '']) => panel);
  expect(panels).toEqual(expect.arrayContaining(named));
});

test.each(pages)('%s links to pages and chapters that there are', (_name, text) => {
  for (const [, file = '', , chapter] of text.matchAll(/\]\(([\w./-]+)(#([\w-]+))?\)/g)) {
    const target = new URL(file, directory);
    expect({ file, exists: existsSync(target) }).toEqual({ file, exists: true });
    if (chapter === undefined) continue;
    const chapters = readFileSync(target, 'utf8').match(/^#+ .+$/gm) ?? [];
    expect(chapters.map(anchorOf)).toContain(chapter);
  }
});

describe('what is wrong with a query is found', () => {
  test.each([
    ['worker_jobs_procesed_total{namespace="tintype"}', 'worker_jobs_procesed_total: no such series'],
    ['worker_jobs_processed_total{state="failed"}', 'worker_jobs_processed_total: no label state'],
    ['worker_jobs_processed_total{status=~"completed|done"}', 'worker_jobs_processed_total: status is never done'],
    ['up{status="failed"}', 'up: no label status'],
  ])('%s', (query, fault) => {
    expect(parse(query).selectors.flatMap(faultsOf)).toEqual([fault]);
  });
});

function labelsOf({ name, kind, labels }: Series): (readonly [string, Readonly<Record<string, LabelValues>>])[] {
  if (kind !== 'histogram') return [[name, labels]];
  return ['bucket', 'sum', 'count'].map((suffix) => [`${name}_${suffix}`, { ...labels, le: 'open' }] as const);
}

function faultsOf({ metric, matchers }: SelectorText): string[] {
  // A selector without a name asks for whatever a target exports.
  const labels = metric === '' ? {} : known.get(metric);
  if (!labels) return [`${metric}: no such series`];
  return matchers.flatMap(({ label, text }) => {
    if (targetLabels.includes(label)) return [];
    const values = labels[label];
    if (values === undefined) return [`${metric}: no label ${label}`];
    if (values === 'open') return [];
    const asked = /"(.*)"$/.exec(text)?.[1]?.split('|') ?? [];
    return asked.filter((value) => !values.includes(value)).map((value) => `${metric}: ${label} is never ${value}`);
  });
}

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
