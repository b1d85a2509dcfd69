/**
 * The parts of prom-client's metrics that the services use, with the labels and values that the catalogue allows:
 * `@InjectMetric(metrics.jobsCreated.name) private readonly created: CounterOf<typeof metrics.jobsCreated>`.
 */
import type { Labels, LabelsOf, Metric } from '@tintype/metrics';

type Unlabelled<M extends Metric> = keyof M['labels'] extends never ? true : false;

export type CounterOf<M extends Metric<Labels, 'counter'>> =
  Unlabelled<M> extends true ? { inc(value?: number): void } : { inc(labels: LabelsOf<M>, value?: number): void };

export type GaugeOf<M extends Metric<Labels, 'gauge'>> =
  Unlabelled<M> extends true
    ? { set(value: number): void; inc(value?: number): void; dec(value?: number): void }
    : {
        set(labels: LabelsOf<M>, value: number): void;
        inc(labels: LabelsOf<M>, value?: number): void;
        dec(labels: LabelsOf<M>, value?: number): void;
      };

export type HistogramOf<M extends Metric<Labels, 'histogram'>> =
  Unlabelled<M> extends true ? { observe(value: number): void } : { observe(labels: LabelsOf<M>, value: number): void };
