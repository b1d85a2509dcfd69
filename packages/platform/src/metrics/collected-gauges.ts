import { Injectable, Logger } from '@nestjs/common';
import { type Labels, type LabelsOf, type Metric, metrics } from '@tintype/metrics';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Gauge, register } from 'prom-client';
import { within } from '../within.js';
import type { CounterOf } from './typed.js';

export interface Sample<M extends Metric> {
  readonly labels: LabelsOf<M>;
  readonly value: number;
}

const timeoutMs = 1000;

/**
 * Gauges that are read when Prometheus asks. prom-client fails the whole scrape when one read throws; here a read that fails or
 * takes more than a second only leaves its own gauge out, as a stale or invented value would be worse than none.
 */
@Injectable()
export class CollectedGauges {
  readonly #logger = new Logger(CollectedGauges.name);

  constructor(@InjectMetric(metrics.collectFailures.name) private readonly failures: CounterOf<typeof metrics.collectFailures>) {}

  /**
   * Reads a gauge of the catalogue at every scrape. `own`: it is something that the process knows by itself, so that no series waits
   * for a failure.
   */
  collect<M extends Metric<Labels, 'gauge'>>(metric: M, read: () => Promise<readonly Sample<M>[]>, { own = false } = {}): void {
    const gauge = register.getSingleMetric(metric.name);
    if (!(gauge instanceof Gauge)) throw new Error(`${metric.name} is no gauge of this service`);
    if (!own) this.failures.inc({ metric: metric.name }, 0);
    clear(gauge);
    let reading: Promise<readonly Sample<M>[]> | undefined;
    const collect = async () => {
      try {
        // A read that hangs is waited for again, not started again: scrapes must not pile up on a slow database.
        reading ??= read().finally(() => (reading = undefined));
        const samples = await within(timeoutMs, reading);
        clear(gauge);
        for (const { labels, value } of samples) gauge.set(labels, value);
      } catch (error) {
        clear(gauge);
        this.failures.inc({ metric: metric.name });
        this.#logger.warn('gauge could not be read', { metric: metric.name, err: error });
      }
    };
    Object.assign(gauge, { collect });
  }
}

function clear(gauge: Gauge): void {
  gauge.reset();
  // reset() sets a gauge without labels to 0.
  if (labelNamesOf(gauge).length === 0) gauge.remove();
}

function labelNamesOf(gauge: Gauge): readonly string[] {
  return 'labelNames' in gauge && Array.isArray(gauge.labelNames) ? gauge.labelNames : [];
}
