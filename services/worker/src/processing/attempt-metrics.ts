import { Injectable } from '@nestjs/common';
import type { ClaimedJob } from '@tintype/jobs';
import { type LabelsOf, metrics } from '@tintype/metrics';
import type { CounterOf, GaugeOf, HistogramOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Stopwatch } from './stopwatch.js';

export type Outcome = LabelsOf<typeof metrics.jobAttempts>['outcome'];

/** What Prometheus learns of attempts. */
@Injectable()
export class AttemptMetrics {
  constructor(
    @InjectMetric(metrics.jobsActive.name) private readonly active: GaugeOf<typeof metrics.jobsActive>,
    @InjectMetric(metrics.jobQueueWait.name) private readonly queueWait: HistogramOf<typeof metrics.jobQueueWait>,
    @InjectMetric(metrics.jobDuration.name) private readonly duration: HistogramOf<typeof metrics.jobDuration>,
    @InjectMetric(metrics.jobStageDuration.name) private readonly stageDuration: HistogramOf<typeof metrics.jobStageDuration>,
    @InjectMetric(metrics.jobAttempts.name) private readonly attempts: CounterOf<typeof metrics.jobAttempts>,
    @InjectMetric(metrics.writesFenced.name) private readonly writesFenced: CounterOf<typeof metrics.writesFenced>,
  ) {}

  begun({ generation, runAt, startedAt }: ClaimedJob): void {
    this.active.inc();
    // Both times are the database's; later attempts have waited for their retry, too.
    if (generation === 1 && startedAt) this.queueWait.observe(Math.max(0, startedAt.getTime() - runAt.getTime()) / 1000);
  }

  ended(outcome: Outcome, stopwatch: Stopwatch): void {
    this.active.dec();
    this.attempts.inc({ outcome });
    if (outcome === 'fenced') this.writesFenced.inc();
    this.duration.observe(stopwatch.totalMs / 1000);
    for (const [stage, ms] of stopwatch.stagesMs) this.stageDuration.observe({ stage }, ms / 1000);
  }
}
