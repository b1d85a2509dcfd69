/** What Prometheus learns of the ends of jobs. Whoever has recorded an end counts it, so that each counts once. */
import { Injectable } from '@nestjs/common';
import { type Job, type JobErrorCode, priorityOf } from '@tintype/jobs';
import { type LabelsOf, metrics } from '@tintype/metrics';
import type { CounterOf, HistogramOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';

type Reason = LabelsOf<typeof metrics.jobFailures>['reason'];

/** What was to blame. */
const reasons: Readonly<Record<JobErrorCode, Reason>> = {
  unsupported_format: 'picture',
  corrupt_image: 'picture',
  pixel_limit_exceeded: 'limit',
  frame_limit_exceeded: 'limit',
  output_limit_exceeded: 'limit',
  invalid_operation: 'request',
  source_forbidden_address: 'source_url',
  source_not_found: 'source_url',
  source_too_large: 'source_url',
  source_timeout: 'source_url',
  source_unavailable: 'source_url',
  processing_timeout: 'timeout',
  memory_limit_exceeded: 'memory',
  worker_crashed: 'crash',
  storage_unavailable: 'storage',
  source_missing: 'storage',
  processing_failed: 'internal',
};

type EndedJob = Pick<Job, 'priority' | 'retries' | 'createdAt' | 'startedAt'>;

@Injectable()
export class EndMetrics {
  constructor(
    @InjectMetric(metrics.jobEndToEnd.name) private readonly endToEnd: HistogramOf<typeof metrics.jobEndToEnd>,
    @InjectMetric(metrics.jobFailures.name) private readonly failures: CounterOf<typeof metrics.jobFailures>,
    @InjectMetric(metrics.attemptErrors.name) private readonly errors: CounterOf<typeof metrics.attemptErrors>,
  ) {}

  /** An attempt has ended with an error, whether or not another follows. */
  attemptFailed(code: JobErrorCode): void {
    this.errors.inc({ reason: reasons[code] });
  }

  /** A job has failed for good. */
  jobFailed(code: JobErrorCode): void {
    this.failures.inc({ reason: reasons[code] });
  }

  /** A job has completed or failed. `at`: in milliseconds of Unix time, by the clock of the database. */
  jobEnded({ priority, retries, createdAt, startedAt }: EndedJob, at: number): void {
    // Nobody has waited for the time between the first end of a job and the wish to have it tried again.
    const from = retries === 0 ? createdAt : (startedAt ?? createdAt);
    this.endToEnd.observe({ priority: priorityOf(priority) }, Math.max(0, at - Number(from)) / 1000);
  }
}
