import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { ClaimedJob } from '@tintype/jobs';
import { CAPACITY, type Capacity } from '../capacity/capacity.js';
import { ChildPool } from '../children/child-pool.js';
import { JobRunner } from '../processing/job-runner.js';
import { SETTINGS, type WorkerSettings } from '../settings.js';

/** For jobs whose children were killed to be given back. */
const releaseMs = 3_000;

/** The jobs that run at the same time. A slot that is done with a job goes on with the next that is due, until none is. */
@Injectable()
export class Slots implements BeforeApplicationShutdown {
  #busy = 0;
  #looking: Promise<unknown> = Promise.resolve();
  #stopping = false;
  readonly #events = new EventEmitter<{ freed: [] }>();

  constructor(
    private readonly runner: JobRunner,
    private readonly children: ChildPool,
    @Inject(CAPACITY) private readonly capacity: Capacity,
    @Inject(SETTINGS) private readonly settings: WorkerSettings,
  ) {}

  /** Whether no further job can be begun. */
  get full(): boolean {
    return this.#stopping || this.#busy >= this.capacity.concurrency;
  }

  /** Resolves when a job could be begun; rejects when `signal` aborts. */
  async free(signal: AbortSignal): Promise<void> {
    while (this.full) await once(this.#events, 'freed', { signal });
  }

  /** Claims and begins as many due jobs as there are free slots. Resolves to their number; rejects when the database is away. */
  look(): Promise<number> {
    // One after the other, as each counts the free slots.
    const look = this.#looking.then(() => this.#fill());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  /** Takes no more jobs, lets the running ones end if they do in time, and gives the others back. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    this.runner.takeNoMore();
    await this.#idle(this.settings.DRAIN_SECONDS * 1000);
    await this.runner.releaseAll(releaseMs);
    await this.children.stop();
  }

  async #fill(): Promise<number> {
    if (this.full) return 0;
    const jobs = await this.runner.claim(this.capacity.concurrency - this.#busy);
    for (const job of jobs) void this.#work(job);
    return jobs.length;
  }

  async #work(first: ClaimedJob): Promise<void> {
    this.#busy += 1;
    for (let job: ClaimedJob | undefined = first; job;) job = await this.runner.run(job);
    this.#busy -= 1;
    this.#events.emit('freed');
  }

  async #idle(timeoutMs: number): Promise<void> {
    const giveUpAt = performance.now() + timeoutMs;
    await Promise.race([this.#looking, sleep(timeoutMs)]);
    while (this.#busy > 0 && performance.now() < giveUpAt) await sleep(50);
  }
}
