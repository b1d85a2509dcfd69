/** A dashboard as it is declared: what its panels show, not how Grafana stores them. */
import type { Fault } from './faults.js';
import { bucketIncreases, quantile } from './read.js';
import type { Alert } from './rules.js';
import type { LabelOf, Matchers, Series } from './series.js';
import type { Labels } from '@tintype/metrics';
import type { Vector, Window } from './vector.js';

export interface DashboardDeclaration {
  /** In its address; it must never change. */
  readonly uid: `tintype-${string}`;
  /** After "Tintype / ". */
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly title: string;
  /** From left to right; a line is 24 wide, and all panels of a line are as high as each other. */
  readonly panels: readonly Panel[];
}

export type Panel = TimeSeries | Stat | BarGauge | Heatmap | Table;

interface Common {
  /** Links to a panel are made from it, so that they last as long as its title. */
  readonly title: string;
  /** What it shows, in sentences. */
  readonly shows: string;
  /** What is normal, in sentences. */
  readonly normal: string;
  /** The alerts that watch what it shows. */
  readonly watchedBy?: readonly Alert['alert'][];
  /** The dashboard that has more about it. */
  readonly more?: DashboardDeclaration['uid'];
  /** As Grafana calls it: `s`, `bytes`, `percentunit` … */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** 8 unless it says otherwise. */
  readonly width?: number;
}

/** Where the colour changes: above each figure, or below it where the figure is better the higher it is. */
export interface Thresholds {
  readonly orange?: number;
  readonly red?: number;
  readonly worse?: 'above' | 'below';
}

/** Lines over time, 8 high. */
export interface TimeSeries extends Common {
  readonly kind: 'time series';
  readonly stacked?: boolean;
  readonly thresholds?: Thresholds;
  readonly max?: number;
}

/** The figure of now, with its course behind it, 4 high, or as high as a graph. */
export interface Stat extends Common {
  readonly kind: 'stat';
  readonly tall?: true;
  readonly thresholds?: Thresholds;
  /** Words in the place of figures. */
  readonly words?: Readonly<Record<string, { readonly text: string; readonly color: 'green' | 'red' }>>;
}

/** The figures of now beside each other, 8 high. */
export interface BarGauge extends Common {
  readonly kind: 'bar gauge';
  readonly thresholds?: Thresholds;
  readonly max?: number;
}

/** How observations spread over the buckets of a histogram, 8 high. The unit is that of the buckets. */
export interface Heatmap extends Common {
  readonly kind: 'heatmap';
}

/** One line for each combination of labels, one column for each query; 8 high. A legend names its column. */
export interface Table extends Common {
  readonly kind: 'table';
  readonly labels: readonly string[];
  /** The unit of a column that has another one than the table, by its name. */
  readonly units?: Readonly<Record<string, string>>;
  readonly thresholds?: Readonly<Record<string, Thresholds>>;
}

export interface Query {
  readonly expr: Pick<Vector<string>, 'print'>;
  readonly legend: string;
  readonly mayBeEmpty?: MayBeEmpty;
  /** Whether its series may have exemplars: those of the buckets of a histogram. */
  readonly exemplars?: true;
}

/** A query may have no result, or NaN alone, although everything is well. */
export interface MayBeEmpty {
  readonly why: string;
  /** The fault that fills it. Without one, ordinary work does. */
  readonly filledBy?: Fault;
}

type LabelsIn<Legend extends string> = Legend extends `${string}{{${infer Name}}}${infer Rest}` ? Name | LabelsIn<Rest> : never;

/** A query whose legend names only labels that it has. */
export function query<L extends string, const Legend extends string>(
  expr: Vector<L>,
  legend: Legend & ([LabelsIn<Legend>] extends [L] ? unknown : never),
  why?: string,
  filledBy?: Fault,
): Query {
  return { expr, legend, ...(why !== undefined && { mayBeEmpty: { why, ...(filledBy && { filledBy }) } }) };
}

/** p50, p95 and p99. */
export function quantiles(of: (q: number) => Vector<never>, why: string): Query[] {
  return [0.5, 0.95, 0.99].map((q) => ({ ...query(of(q), `p${q * 100}`, why), exemplars: true }));
}

/** p95 for each value of the labels `by`. */
export function p95<M extends Series<Labels, 'histogram'>, const K extends readonly LabelOf<M>[], const Legend extends string>(
  metric: M,
  by: K,
  legend: Legend & ([LabelsIn<Legend>] extends [K[number]] ? unknown : never),
  why: string,
  matchers?: Matchers<M>,
): Query {
  const expr = quantile(0.95, metric, lately, by, matchers);
  return { expr, legend, mayBeEmpty: { why }, exemplars: true };
}

/** How many observations fell into each bucket of a histogram. */
export function spread<M extends Series<Labels, 'histogram'>>(metric: M, matchers?: Matchers<M>): Query {
  return { ...query(bucketIncreases(metric, lately, matchers), '{{le}}'), exemplars: true };
}

/** The shortest window that has several scrapes in it, as Grafana computes it. */
export const lately: Window = '$__rate_interval';
