import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type Backlog, JobReader } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import { CollectedGauges } from '@tintype/platform';

/** Tells Prometheus how much there is to do, which every replica reads from the database alike. */
@Injectable()
export class BacklogGauges implements OnModuleInit {
  private reading: Promise<Backlog> | undefined;

  constructor(
    private readonly gauges: CollectedGauges,
    private readonly jobs: JobReader,
  ) {}

  onModuleInit(): void {
    this.gauges.collect(metrics.jobsUnfinished, async () => {
      const { queued, running } = await this.backlog();
      return [
        { labels: { status: 'queued' }, value: queued },
        { labels: { status: 'running' }, value: running },
      ];
    });
    this.gauges.collect(metrics.jobsDue, async () => {
      const { due } = await this.backlog();
      return metrics.jobsDue.labels.priority.map((priority) => ({ labels: { priority }, value: due[priority] }));
    });
    this.gauges.collect(metrics.leasesOverdue, async () => [{ labels: {}, value: (await this.backlog()).overdue }]);
    this.gauges.collect(metrics.oldestQueuedAge, async () => [{ labels: {}, value: (await this.backlog()).oldestSeconds }]);
  }

  /** One query for all of them, which a scrape reads at the same time. */
  private backlog(): Promise<Backlog> {
    this.reading ??= this.jobs.backlog().finally(() => (this.reading = undefined));
    return this.reading;
  }
}
