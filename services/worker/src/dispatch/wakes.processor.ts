import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { type BeforeApplicationShutdown, Inject, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { QUEUE, wake } from '@tintype/jobs';
import { Loop } from '@tintype/platform';
import type { Queue } from 'bullmq';
import { Slots } from './slots.js';
import { WAKE_QUEUE } from './wake-queue.js';

/** For a read to notice that its connection is closed. */
const endOfReadMs = 1_000;
/** Between two attempts to read from a queue that is away. */
const pauseMs = 1_000;

/**
 * Takes wakes from the queue while there is a free slot. They are fetched by hand, as BullMQ's own loop would also take those that
 * other workers have time for. A message is taken away before anything is done for it: whoever commits a job from then on
 * leaves another, so no job falls between two looks.
 */
@Processor(QUEUE, { autorun: false, lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 1_000 })
export class WakesProcessor extends WorkerHost implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #lockToken = randomUUID();
  readonly #logger = new Logger(WakesProcessor.name);
  readonly #loop = new Loop({ name: 'wakes', everyMs: pauseMs, round: (signal) => this.#round(signal), logger: this.#logger });
  #failing = false;

  constructor(
    private readonly slots: Slots,
    @Inject(WAKE_QUEUE) private readonly queue: Queue,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    void this.worker.startStalledCheckTimer();
    this.#loop.start();
  }

  /** A wake says no more than that it is one. */
  async process(): Promise<void> {
    await this.slots.look();
    // There may be more than this worker can take now.
    if (this.slots.full) await wake(this.queue);
  }

  async beforeApplicationShutdown(): Promise<void> {
    const stopped = this.#loop.stop();
    await this.worker.close(true);
    // A read from a queue that was never reached does not end.
    await Promise.race([stopped, sleep(endOfReadMs, undefined, { ref: false })]);
    await this.queue.close();
  }

  /** BullMQ goes on by itself when the connection is lost. */
  @OnWorkerEvent('error')
  onError(err: unknown): void {
    if (!this.#failing) this.#logger.error('queue not reachable, jobs are found by looking now and then', { err });
    this.#failing = true;
  }

  async #round(signal: AbortSignal): Promise<boolean> {
    await this.slots.free(signal);
    const message = await this.worker.getNextJob(this.#lockToken);
    if (!message) return true;
    if (this.#failing) this.#logger.log('queue works again');
    this.#failing = false;
    await message.moveToCompleted(undefined, this.#lockToken, false);
    await this.process();
    return true;
  }
}
