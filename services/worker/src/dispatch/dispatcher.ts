import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { JobDispatch, sendWakes, type Wake } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Queue } from 'bullmq';
import { Loop } from './loop.js';
import { QueueMemory } from './queue-memory.js';
import { WAKE_QUEUE } from './wake-queue.js';

const everyMs = 300;
const batchSize = 200;

/**
 * Wakes workers for jobs that are due and of which the queue does not know: the wake was never sent, or lost, or the job waits
 * for another attempt. It may run in every worker, as they leave each other's jobs alone.
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(Dispatcher.name);
  readonly #loop = new Loop({ name: 'dispatcher', everyMs, round: () => this.#round(), logger: this.#logger });

  constructor(
    private readonly dispatch: JobDispatch,
    private readonly memory: QueueMemory,
    @Inject(WAKE_QUEUE) private readonly queue: Queue<Wake>,
    @InjectMetric(metrics.jobsRedispatched.name) private readonly redispatched: CounterOf<typeof metrics.jobsRedispatched>,
  ) {}

  /** How long ago it last looked for jobs, in milliseconds. */
  get silentMs(): number {
    return this.#loop.silentMs;
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
    await this.queue.close();
  }

  async #round(): Promise<boolean> {
    const lost = await this.memory.check();
    if (lost > 0) this.#logger.warn('the queue has lost its messages, they are sent again', { jobs: lost });
    const sent = await this.dispatch.due(batchSize, (wakes) => sendWakes(this.queue, wakes));
    this.redispatched.inc(sent);
    return sent === batchSize;
  }
}
