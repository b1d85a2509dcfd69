import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { type BeforeApplicationShutdown, Inject, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { QUEUE, type Wake } from '@tintype/jobs';
import type { Job as Message } from 'bullmq';
import { CAPACITY, type Capacity } from '../capacity/capacity.js';
import { ChildPool } from '../children/child-pool.js';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { JobRunner } from './job-runner.js';

/** For jobs whose children were killed to be given back. */
const releaseMs = 3_000;
/** For the queue to be told that messages were handled; it finds out by itself when it is away. */
const acknowledgeMs = 1_000;

/**
 * Takes wakes from the queue. The messages' locks are short and renewed, as they only guard hints: whoever holds a job is
 * decided by its lease.
 */
@Processor(QUEUE, {
  autorun: false,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  maxStalledCount: 1_000,
  runRetryDelay: 1_000,
})
export class JobsProcessor extends WorkerHost implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(JobsProcessor.name);
  #failing = false;

  constructor(
    private readonly runner: JobRunner,
    private readonly children: ChildPool,
    @Inject(CAPACITY) private readonly capacity: Capacity,
    @Inject(SETTINGS) private readonly settings: WorkerSettings,
  ) {
    super();
  }

  /** When all is ready, and no sooner. */
  onApplicationBootstrap(): void {
    this.worker.concurrency = this.capacity.concurrency;
    this.worker.run().catch((error: unknown) => this.onError(error));
  }

  async process({ data }: Message<Wake>): Promise<void> {
    await this.runner.run(data);
  }

  /** Takes no more jobs, lets the running ones end if they do in time, and gives the others back. */
  async beforeApplicationShutdown(): Promise<void> {
    const acknowledged = this.worker.pause().catch((error: unknown) => this.onError(error));
    await this.runner.idle(this.settings.DRAIN_SECONDS * 1000);
    await this.runner.releaseAll(releaseMs);
    await Promise.race([acknowledged, new Promise((resolve) => setTimeout(resolve, acknowledgeMs))]);
    await this.worker.close(true);
    await this.children.stop();
  }

  @OnWorkerEvent('error')
  onError(error: unknown): void {
    if (!this.#failing) this.#logger.error('queue fails, it is tried again', { err: error });
    this.#failing = true;
  }

  @OnWorkerEvent('active')
  onActive(): void {
    if (this.#failing) this.#logger.log('queue works again');
    this.#failing = false;
  }
}
