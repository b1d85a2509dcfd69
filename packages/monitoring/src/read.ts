/**
 * How a metric may be read: a counter by its increase, a histogram by quantiles, sum or count, a gauge as it is, and a fact that every
 * replica reports by its maximum. Anything else does not compile.
 */
import type { Kind, Labels, Metric } from '@tintype/metrics';
import { type LabelOf, like, type Matchers, matcherText, type Place, type Series } from './series.js';
import { Selector, Vector, type Window } from './vector.js';

type Counter = Series<Labels, 'counter'>;
type Histogram = Series<Labels, 'histogram'>;

/** Per second. */
export function rate<M extends Counter>(metric: M, window: Window, matchers?: Matchers<M>): Vector<LabelOf<M>> {
  return new Vector((place) => `rate(${selector(metric, matchers, place)}[${window}])`);
}

/** In the whole window. */
export function increase<M extends Counter>(metric: M, window: Window, matchers?: Matchers<M>): Vector<LabelOf<M>> {
  return new Vector((place) => `increase(${selector(metric, matchers, place)}[${window}])`);
}

/** A gauge of which every replica has its own. */
export function value<M extends Series<Labels, 'gauge', 'instance'>>(metric: M, matchers?: Matchers<M>): Selector<LabelOf<M>> {
  return new Selector((place) => selector(metric, matchers, place));
}

/** A fact that every replica reports: the sum would count it once for each of them. */
export function shared<M extends Series<Labels, 'gauge', 'shared'>>(
  metric: M,
  matchers?: Matchers<M>,
): Pick<Vector<LabelOf<M>>, 'maxBy'> {
  return new Vector((place) => selector(metric, matchers, place));
}

/** One figure of what a series was in a window. */
export function overTime<L extends string>(
  operation: 'sum' | 'avg' | 'min' | 'max',
  series: Selector<L>,
  window: Window,
): Vector<L> {
  return new Vector((place) => `${operation}_over_time(${series.print(place)}[${window}])`);
}

/** How long ago a point in time was that a vector holds. */
export function secondsSince<L extends string>(times: Vector<L>): Vector<L> {
  return new Vector((place) => `time() - (${times.print(place)})`, true);
}

/** 1 where there is no such series at all. For rules, whose selectors name both labels. */
export function absent(metric: Series<Labels, Exclude<Kind, 'histogram'>>): Vector<'namespace' | 'service'> {
  return new Vector((place) => `absent(${selector(metric, {}, place)})`);
}

/** Below which the share `q` of all observations lies, for each value of the labels `by`; NaN where nothing was observed. */
export function quantile<M extends Histogram, const K extends readonly LabelOf<M>[]>(
  q: number,
  metric: M,
  window: Window,
  by: K,
  matchers?: Matchers<M>,
): Vector<K[number]> {
  const buckets = { ...metric, name: `${metric.name}_bucket` };
  return new Vector(
    (place) =>
      `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (rate(${selector(buckets, matchers, place)}[${window}])))`,
  );
}

/** How many observations fell into each bucket of a histogram, and into the smaller ones. */
export function bucketIncreases<M extends Histogram>(metric: M, window: Window, matchers?: Matchers<M>): Vector<'le'> {
  const own = { ...metric, name: `${metric.name}_bucket` };
  return new Vector((place) => `sum by (le) (increase(${selector(own, matchers, place)}[${window}]))`);
}

/** A gauge as it was some time ago. */
export function valueBefore<M extends Series<Labels, 'gauge', 'instance'>>(
  metric: M,
  ago: `${number}m`,
  matchers?: Matchers<M>,
): Vector<LabelOf<M>> {
  return new Vector((place) => `${selector(metric, matchers, place)} offset ${ago}`);
}

/** Observations per second that are at most `bound`, which must be that of a bucket. */
export function rateWithin<M extends Histogram & Metric>(
  metric: M,
  bound: number,
  window: Window,
  matchers?: Matchers<M>,
): Vector<LabelOf<M>> {
  if (!metric.buckets?.includes(bound)) throw new Error(`${metric.name} has no bucket ${bound}`);
  // Prometheus 3 stores le="60" as le="60.0".
  const le = Number.isInteger(bound) ? matcherText('le', like(`${bound}([.]0)?`)) : matcherText('le', `${bound}`);
  const buckets = { ...metric, name: `${metric.name}_bucket` };
  return new Vector((place) => `rate(${selector(buckets, matchers, place, le)}[${window}])`);
}

/** A metric that both services export, of one of them. */
export function of<M extends Series, const E extends 'api' | 'worker'>(owner: E, metric: M) {
  return { ...metric, owner };
}

/** How many observations a histogram has. */
export function countOf<M extends Histogram>(metric: M) {
  return { ...metric, name: `${metric.name}_count`, kind: 'counter' } as const;
}

/** What they add up to. */
export function sumOf<M extends Histogram>(metric: M) {
  return { ...metric, name: `${metric.name}_sum`, kind: 'counter' } as const;
}

/** A series that a recording rule makes, in the release that it is made in; `labels` are those that the rule adds. */
export function recorded<L extends string>(
  name: string,
  owner: Series['owner'],
  labels: Readonly<Record<string, string>> = {},
): Selector<L> {
  const added = Object.entries(labels).map(([label, wanted]) => matcherText(label, wanted));
  return new Selector(
    (place) => `${name}{${[...place.matchers({ owner, scope: 'shared', recorded: true }), ...added].join(',')}}`,
  );
}

function selector(metric: Series, matchers: Matchers<Series> | undefined, place: Place, ...more: readonly string[]): string {
  const own = Object.entries(matchers ?? {}).map(([label, wanted]) => (wanted === undefined ? '' : matcherText(label, wanted)));
  return `${metric.name}{${[...place.matchers(metric), ...own, ...more].join(',')}}`;
}
