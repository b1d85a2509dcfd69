import { Inject, Injectable } from '@nestjs/common';
import { JobReader, type Load } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { problem } from '../http/problems.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

/** How long one count serves all requests of this process. */
const countForMs = 1_000;
const maxRetrySeconds = 300;

/** Refuses new jobs while too many are waiting, so that those that were accepted are done in a foreseeable time. */
@Injectable()
export class BacklogLimit {
  private count: Promise<Load> | undefined;
  private countedAt = 0;
  /** Jobs that this process has accepted since the count. */
  private accepted = 0;

  constructor(
    private readonly jobs: JobReader,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
    @InjectMetric(metrics.jobsRefused.name) private readonly refused: CounterOf<typeof metrics.jobsRefused>,
  ) {}

  /** To be called before the body of a request is read. Throws a 503 problem that says when to come again. */
  async admit(): Promise<void> {
    const { queued, finishedLastMinute } = await this.load();
    const waiting = queued + this.accepted;
    if (waiting < this.settings.BACKLOG_MAX_JOBS) return;
    this.refused.inc({ reason: 'backlog' });
    // A sixtieth of the backlog is done then.
    const seconds = Math.min(maxRetrySeconds, Math.max(1, Math.ceil(waiting / finishedLastMinute)));
    throw problem('backlog_full', 'The service takes new jobs when it has done some of those.', {
      headers: { 'Retry-After': String(seconds) },
    });
  }

  /** Jobs were accepted. */
  add(jobs: number): void {
    this.accepted += jobs;
  }

  private load(): Promise<Load> {
    if (!this.count || performance.now() - this.countedAt > countForMs) {
      this.countedAt = performance.now();
      this.accepted = 0;
      this.count = this.jobs.load(this.settings.BACKLOG_MAX_JOBS);
      this.count.catch(() => (this.count = undefined));
    }
    return this.count;
  }
}
