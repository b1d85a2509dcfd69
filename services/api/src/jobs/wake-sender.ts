import { setTimeout as sleep } from 'node:timers/promises';
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { QUEUE, wake } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Queue } from 'bullmq';

/** Between two wakes: a worker that looks now and again so often finds as much as one that is told of every job. */
const pauseMs = 10;

/**
 * Tells the workers that there is something to do. Requests do not wait for it: all that come while one wake is on its way share
 * the next, and where the queue is away the workers find the jobs by themselves a moment later.
 */
@Injectable()
export class WakeSender implements BeforeApplicationShutdown {
  private readonly logger = new Logger(WakeSender.name);
  private wanted = false;
  private sending: Promise<void> | undefined;
  private failing = false;

  constructor(
    @InjectQueue(QUEUE) private readonly queue: Queue,
    @InjectMetric(metrics.queueWakes.name) private readonly wakes: CounterOf<typeof metrics.queueWakes>,
  ) {
    queue.on('error', () => undefined);
  }

  /** Call it when a job is committed: a worker that is woken looks at once. */
  wake(): void {
    this.wanted = true;
    this.sending ??= this.send();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sending;
  }

  private async send(): Promise<void> {
    while (this.wanted) {
      this.wanted = false;
      await wake(this.queue).then(
        () => this.sent(),
        (error: unknown) => this.failed(error),
      );
      if (this.wanted) await sleep(pauseMs);
    }
    this.sending = undefined;
  }

  private sent(): void {
    this.wakes.inc({ outcome: 'sent' });
    if (this.failing) this.logger.log('queue works again');
    this.failing = false;
  }

  private failed(err: unknown): void {
    this.wakes.inc({ outcome: 'failed' });
    if (!this.failing) this.logger.warn('queue not reachable, the workers find the jobs by themselves', { err });
    this.failing = true;
  }
}
