import { Injectable } from '@nestjs/common';
import type { ClaimedJob, JobErrorCode, Status } from '@tintype/jobs';
import { type LabelsOf, metrics } from '@tintype/metrics';
import type { CounterOf, GaugeOf, HistogramOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { EndMetrics } from './end-metrics.js';
import { leaseSeconds } from './lease-keeper.js';
import type { Stopwatch } from './stopwatch.js';

export type Outcome = LabelsOf<typeof metrics.jobAttempts>['outcome'];
export type Renewal = LabelsOf<typeof metrics.leaseRenewals>['outcome'];

interface End {
  readonly outcome: Outcome;
  /** The job's, as this attempt has recorded it; undefined where it has recorded nothing. */
  readonly status: Status | undefined;
  readonly code?: JobErrorCode | undefined;
}

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
    @InjectMetric(metrics.leaseRenewals.name) private readonly renewals: CounterOf<typeof metrics.leaseRenewals>,
    private readonly ends: EndMetrics,
  ) {}

  begun({ generation, runAt, startedAt }: ClaimedJob): void {
    this.active.inc();
    // Both times are the database's; later attempts have waited for their retry, too.
    if (generation === 1 && startedAt) this.queueWait.observe(Math.max(0, startedAt.getTime() - runAt.getTime()) / 1000);
  }

  renewed(outcome: Renewal): void {
    this.renewals.inc({ outcome });
  }

  ended(job: ClaimedJob, { outcome, status, code }: End, stopwatch: Stopwatch): void {
    this.active.dec();
    this.attempts.inc({ outcome });
    if (outcome === 'fenced') this.writesFenced.inc();
    this.duration.observe(stopwatch.totalMs / 1000);
    for (const [stage, ms] of stopwatch.stagesMs) this.stageDuration.observe({ stage }, ms / 1000);
    if (code && (status === 'queued' || status === 'failed')) this.ends.attemptFailed(code);
    if (code && status === 'failed') this.ends.jobFailed(code);
    if (status === 'completed' || status === 'failed') this.ends.jobEnded(job, claimedAt(job) + stopwatch.totalMs);
  }
}

/** In milliseconds of Unix time. The lease tells when that was by the clock of the database: ours may be wrong. */
function claimedAt({ leaseExpiresAt }: ClaimedJob): number {
  return Number(leaseExpiresAt) - leaseSeconds * 1000;
}
