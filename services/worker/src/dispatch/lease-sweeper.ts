import { Injectable } from '@nestjs/common';
import { type ExpiredLease, ExpiredLeases, type JobErrorCode, JobReader } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import { type CounterOf, LoopProvider } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { ActionCounter } from '../processing/action-counter.js';
import { EndMetrics } from '../processing/end-metrics.js';

const everyMs = 1_500;
/** What a lease that expires means for its attempt. */
const crash: JobErrorCode = 'worker_crashed';

/** Takes jobs back from workers that died without a word. It may run in every worker, as they leave each other's jobs alone. */
@Injectable()
export class LeaseSweeper extends LoopProvider {
  constructor(
    private readonly leases: ExpiredLeases,
    private readonly reader: JobReader,
    private readonly actions: ActionCounter,
    private readonly ends: EndMetrics,
    @InjectMetric(metrics.leasesExpired.name) private readonly expired: CounterOf<typeof metrics.leasesExpired>,
  ) {
    super({ name: 'lease sweeper', everyMs });
  }

  protected async round(): Promise<boolean> {
    const expired = await this.leases.sweep();
    this.expired.inc(expired.length);
    for (const lease of expired) {
      this.logger.warn('lease expired', { job: lease.id, ...lease });
      if (lease.status !== 'canceled') this.ends.attemptFailed(crash);
      if (lease.status === 'failed') this.ends.jobFailed(crash);
    }
    await Promise.all(expired.filter(({ status }) => status === 'failed').map((lease) => this.#countFailed(lease)));
    return false;
  }

  /** The worker that ran it cannot count it any more. */
  async #countFailed({ id }: ExpiredLease): Promise<void> {
    const job = await this.reader.find(id);
    if (!job) return;
    this.ends.jobEnded(job, Number(job.finishedAt));
    for (const { spec } of job.outputs) this.actions.count(spec, 'failed');
  }
}
