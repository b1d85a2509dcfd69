/**
 * How a metric may be read: a counter by its increase, a histogram by quantiles, sum or count, a gauge as it is, and a fact that every
 * replica reports by its maximum. Anything else does not compile.
 */
import type { Labels } from '@tintype/metrics';
import { type LabelOf, type Matchers, matcherText, type Place, type Series } from './series.js';
import { Vector, type Window } from './vector.js';

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
export function value<M extends Series<Labels, 'gauge', 'instance'>>(metric: M, matchers?: Matchers<M>): Vector<LabelOf<M>> {
  return new Vector((place) => selector(metric, matchers, place));
}

/** A fact that every replica reports: the sum would count it once for each of them. */
export function shared<M extends Series<Labels, 'gauge', 'shared'>>(
  metric: M,
  matchers?: Matchers<M>,
): Pick<Vector<LabelOf<M>>, 'maxBy'> {
  return new Vector((place) => selector(metric, matchers, place));
}

/** How long ago a point in time was that a vector holds. */
export function secondsSince<L extends string>(times: Vector<L>): Vector<L> {
  return new Vector((place) => `time() - (${times.print(place)})`, true);
}

/** 1 where there is no such series at all. For rules, whose selectors name both labels. */
export function absent(metric: Series<Labels, 'gauge'>): Vector<'namespace' | 'service'> {
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

/** How many observations a histogram has. */
export function countOf<M extends Histogram>(metric: M) {
  return { ...metric, name: `${metric.name}_count`, kind: 'counter' } as const;
}

/** What they add up to. */
export function sumOf<M extends Histogram>(metric: M) {
  return { ...metric, name: `${metric.name}_sum`, kind: 'counter' } as const;
}

/** A series that a recording rule makes, in the release that it is made in. */
export function recorded<L extends string>(name: string, owner: Series['owner']): Vector<L> {
  return new Vector((place) => `${name}{${place.matchers({ owner, scope: 'shared' }).join(',')}}`);
}

function selector(metric: Series, matchers: Matchers<Series> | undefined, place: Place): string {
  const own = Object.entries(matchers ?? {}).map(([label, wanted]) => (wanted === undefined ? '' : matcherText(label, wanted)));
  return `${metric.name}{${[...place.matchers(metric), ...own].join(',')}}`;
}
