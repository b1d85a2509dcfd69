/** What a metric is, and what TypeScript can know about one: its labels and the values that they may have. */

/** The closed set of a label's values, or `open` where only the run knows them (route templates, versions). */
export type LabelValues = readonly string[] | 'open';
export type Labels = Readonly<Record<string, LabelValues>>;
export type Kind = 'counter' | 'gauge' | 'histogram';
export type Scope = 'instance' | 'shared';

export interface Metric<L extends Labels = Labels, K extends Kind = Kind, S extends Scope = Scope> {
  readonly kind: K;
  readonly name: string;
  readonly help: string;
  readonly labels: L;
  /** The service that exports it. */
  readonly owner: 'api' | 'worker' | 'both';
  /** `shared`: every replica reports the same fact, so queries take the maximum and never a sum. */
  readonly scope: S;
  readonly unit?: 'seconds' | 'bytes';
  /**
   * `at zero`: every combination of closed label values is exported from the start, so that `rate()` sees the first event, too.
   * `on first use`: for metrics of ordinary work, whose first event nobody misses, and whose combinations are many.
   */
  readonly born: 'at zero' | 'on first use';
  /** Upper bounds of a histogram's buckets, in `unit`. */
  readonly buckets?: readonly number[];
}

/** The labels that every sample of a metric carries, with the values that they may have. */
export type LabelsOf<M extends Metric> = {
  [Name in keyof M['labels']]: M['labels'][Name] extends readonly (infer Value extends string)[] ? Value : string;
};

/** What a declaration may leave out. */
type Options<S extends Scope> = Partial<Pick<Metric<Labels, Kind, S>, 'scope' | 'unit' | 'buckets' | 'born'>>;

function define<K extends Kind>(kind: K) {
  return <const L extends Labels, S extends Scope = 'instance'>(
    name: string,
    help: string,
    owner: Metric['owner'],
    labels: L,
    options: Options<S> = {},
  ): Metric<L, K, NoInfer<S>> => ({
    kind,
    name,
    help,
    owner,
    labels,
    // Without a scope among the options, S is what it is by default.
    scope: 'instance' as S,
    born: 'at zero',
    ...options,
  });
}

export const counter = define('counter');
export const gauge = define('gauge');
export const histogram = define('histogram');

/**
 * Every combination of a metric's label values, or undefined when a label is open. Services export them at zero from the
 * start: else a first failure creates its series at 1, and `rate()` sees no increase.
 */
export function labelCombinations(metric: Metric): Record<string, string>[] | undefined {
  let combinations: Record<string, string>[] = [{}];
  for (const [name, values] of Object.entries(metric.labels)) {
    if (values === 'open') return undefined;
    combinations = combinations.flatMap((combination) => values.map((value) => ({ ...combination, [name]: value })));
  }
  return combinations;
}
