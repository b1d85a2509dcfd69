import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type LabelsOf, metrics } from '@tintype/metrics';
import { drawSpan, SpanKind } from '@tintype/tracing';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { CollectedGauges } from './collected-gauges.js';
import type { CounterOf, HistogramOf } from './typed.js';

type Statement = LabelsOf<typeof metrics.dbQueryDuration>['statement'];
type Reason = LabelsOf<typeof metrics.dbQueryErrors>['reason'];

interface PoolState {
  readonly idle: number;
  readonly used: number;
  readonly max: number;
  readonly waiting: number;
}

/** Counts what the database does, and shows it in traces: an observer for `dataSourceOptions`. */
@Injectable()
export class DatabaseMetrics {
  constructor(
    private readonly gauges: CollectedGauges,
    @InjectMetric(metrics.dbQueryDuration.name) private readonly duration: HistogramOf<typeof metrics.dbQueryDuration>,
    @InjectMetric(metrics.dbQueryErrors.name) private readonly errors: CounterOf<typeof metrics.dbQueryErrors>,
  ) {}

  ended(statement: Statement, seconds: number): void {
    this.duration.observe({ statement }, seconds);
    drawSpan(`postgresql ${statement}`, seconds, {
      kind: SpanKind.CLIENT,
      attributes: { 'db.system.name': 'postgresql', 'db.operation.name': statement },
    });
  }

  failed(reason: Reason): void {
    this.errors.inc({ reason });
  }

  /** `read`: the connections of this process, at the time. */
  watchPool(read: () => PoolState): void {
    const own = { own: true };
    const connections = async () => {
      const { idle, used } = read();
      return [
        { labels: { state: 'idle' as const }, value: idle },
        { labels: { state: 'used' as const }, value: used },
      ];
    };
    const waiting = async () => {
      // Other gauges of the same scrape are read from PostgreSQL: until the next turn they wait, too, however many connections are free.
      await nextTurn();
      return [{ labels: {}, value: read().waiting }];
    };
    this.gauges.collect(metrics.dbPoolConnections, connections, own);
    this.gauges.collect(metrics.dbPoolMax, async () => [{ labels: {}, value: read().max }], own);
    this.gauges.collect(metrics.dbPoolWaiting, waiting, own);
  }
}
