import { Inject, Injectable } from '@nestjs/common';
import { JobDispatch, queueBackend, type Wake } from '@tintype/jobs';
import { within } from '@tintype/platform';
import type { Queue } from 'bullmq';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { WAKE_QUEUE } from './wake-queue.js';

const timeoutMs = 2_000;

/**
 * Notices that Redis has lost its data: restarted without persistence, flushed, replaced. Jobs that wait there would otherwise
 * be found only when their wakes count as stale. A key of ours stands in for all of them.
 */
@Injectable()
export class QueueMemory {
  readonly #usesRedis: boolean;

  constructor(
    @Inject(SETTINGS) settings: WorkerSettings,
    @Inject(WAKE_QUEUE) private readonly queue: Queue<Wake>,
    private readonly dispatch: JobDispatch,
  ) {
    this.#usesRedis = queueBackend(settings) === 'redis';
  }

  /** Resolves to the number of jobs that are to be sent again: 0 as long as nothing was lost. */
  async check(): Promise<number> {
    if (!this.#usesRedis) return 0;
    const client = await within(timeoutMs, this.queue.backend.client);
    const key = this.queue.toKey('intact');
    if ((await client.get(key)) !== null) return 0;
    const forgotten = await this.dispatch.forgetDispatched();
    await client.set(key, '1');
    return forgotten;
  }
}
