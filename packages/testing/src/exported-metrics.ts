/** Holds what a service exports against what is declared of its metrics. */

/** What a declaration says; an entry of the catalogue is one. */
export interface DeclaredMetric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly labels: Readonly<Record<string, readonly string[] | 'open'>>;
  readonly scope: 'instance' | 'shared';
  readonly born: 'at zero' | 'on first use';
  readonly buckets?: readonly number[];
}

export interface ExportedSample {
  /** Of the sample: that of a histogram's ends with `_bucket`, `_sum` or `_count`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly kind: string;
  readonly samples: ExportedSample[];
}

/** The samples of a scrape in the text format (0.0.4). */
export function exportedSamples(scrape: string): ExportedSample[] {
  return familiesOf(scrape).flatMap(({ samples }) => samples);
}

/**
 * Everything in a scrape that is not as declared, in words; empty where all is: each metric is there, with its kind and exactly its
 * labels and buckets; a label has no other value than it may have, and what is born at zero has all of them; nothing else is
 * exported.
 */
export function exportFaults(scrape: string, declared: readonly DeclaredMetric[]): string[] {
  const families = new Map(familiesOf(scrape).map((family) => [family.name, family]));
  const names = new Set(declared.map(({ name }) => name));
  const undeclared = [...families.keys()].filter((name) => !names.has(name));
  return [
    ...undeclared.map((name) => `${name} is not declared`),
    ...declared.flatMap((metric) => faultsOf(metric, families.get(metric.name))),
  ];
}

function faultsOf(metric: DeclaredMetric, family: Family | undefined): string[] {
  const { name, kind } = metric;
  if (!family || family.samples.length === 0) return [`${name} is not exported`];
  const faults = family.kind === kind ? [] : [`${name} is a ${family.kind}, not a ${kind}`];
  const ownLabels = family.samples.map(({ labels: { le: _le, ...labels } }) => labels);
  faults.push(...family.samples.flatMap((sample) => faultsOfSample(metric, sample)));
  faults.push(...missingCombinations(metric, ownLabels).map((labels) => `${name}${labels} is not there from the start`));
  if (kind === 'histogram') faults.push(...faultsOfBuckets(metric, family.samples));
  return [...new Set(faults)];
}

function faultsOfSample({ kind, name, labels: declared }: DeclaredMetric, sample: ExportedSample): string[] {
  const isBucket = sample.name === `${name}_bucket`;
  const names = kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
  const wanted = [...Object.keys(declared), ...(isBucket ? ['le'] : [])];
  const faults = names.includes(sample.name) ? [] : [`${sample.name} is no sample of ${name}`];
  const given = Object.keys(sample.labels);
  if (given.toSorted().join() !== wanted.toSorted().join()) {
    faults.push(`${name} has the labels (${given.join(', ')}), not (${wanted.join(', ')})`);
  }
  for (const [label, values] of Object.entries(declared)) {
    const value = sample.labels[label];
    if (value !== undefined && values !== 'open' && !values.includes(value)) faults.push(`${name} has ${label}="${value}"`);
  }
  return faults;
}

/** A shared fact has no value before it is read, and a label that is open has no known values. */
function missingCombinations(metric: DeclaredMetric, exported: readonly Readonly<Record<string, string>>[]): string[] {
  if (metric.scope === 'shared' || metric.born === 'on first use') return [];
  const names = Object.keys(metric.labels);
  const present = new Set(exported.map((labels) => textOf(names, labels)));
  let combinations: Record<string, string>[] = [{}];
  for (const [name, values] of Object.entries(metric.labels)) {
    if (values === 'open') return [];
    combinations = combinations.flatMap((combination) => values.map((value) => ({ ...combination, [name]: value })));
  }
  return combinations.map((labels) => textOf(names, labels)).filter((text) => !present.has(text));
}

function faultsOfBuckets({ name, buckets = [], labels }: DeclaredMetric, samples: readonly ExportedSample[]): string[] {
  const bounds = new Map<string, string[]>();
  for (const sample of samples) {
    const series = textOf(Object.keys(labels), sample.labels);
    const { le } = sample.labels;
    bounds.set(series, [...(bounds.get(series) ?? []), ...(le === undefined ? [] : [le])]);
  }
  const wanted = [...buckets.map(String), '+Inf'].join();
  return [...bounds].flatMap(([series, given]) =>
    given.join() === wanted ? [] : [`${name}${series} has the buckets ${given.join()}, not ${wanted}`],
  );
}

function textOf(names: readonly string[], labels: Readonly<Record<string, string>>): string {
  return `{${names.map((name) => `${name}="${labels[name]}"`).join(',')}}`;
}

const typeLine = /^# TYPE (\S+) (\S+)$/;
const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([-+.\deE]+|[-+]?Inf|NaN)(?: -?\d+)?$/;
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/g;

function familiesOf(scrape: string): Family[] {
  const families: Family[] = [];
  for (const line of scrape.split('\n')) {
    const [, name, kind] = typeLine.exec(line) ?? [];
    if (name !== undefined && kind !== undefined) families.push({ name, kind, samples: [] });
    if (line === '' || line.startsWith('#')) continue;
    const sample = sampleOf(line);
    const family = families.at(-1);
    if (family) family.samples.push(sample);
    else families.push({ name: sample.name, kind: 'untyped', samples: [sample] });
  }
  return families;
}

function sampleOf(line: string): ExportedSample {
  const [, name, labels = '', value] = sampleLine.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`this is no sample: ${line}`);
  const pairs = Array.from(labels.matchAll(labelPair), ([, label = '', text = '']) => [label, unescaped(text)]);
  return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value.replace('Inf', 'Infinity')) };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
