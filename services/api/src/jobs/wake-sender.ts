import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { JobDispatch, QUEUE, sendWakes, type Wake } from '@tintype/jobs';
import { Queue } from 'bullmq';

/** More wakes than this are not kept: the workers' dispatcher finds the jobs anyway, a moment later. */
const maxPending = 10_000;

/**
 * Tells the workers of new jobs. A wake is a hint and never the truth: requests do not wait for it, all that arrive while one
 * batch is on its way leave together in the next, and a failed one is only logged.
 */
@Injectable()
export class WakeSender implements BeforeApplicationShutdown {
  private readonly logger = new Logger(WakeSender.name);
  private pending: Wake[] = [];
  private sending: Promise<void> | undefined;

  constructor(
    @InjectQueue(QUEUE) private readonly queue: Queue<Wake>,
    private readonly dispatch: JobDispatch,
  ) {
    queue.on('error', (error) => this.logger.warn('queue not reachable', { err: error }));
  }

  wake(wake: Wake): void {
    if (this.pending.length >= maxPending) return;
    this.pending.push(wake);
    this.sending ??= this.drain();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sending;
  }

  private async drain(): Promise<void> {
    while (this.pending.length > 0) {
      const wakes = this.pending;
      this.pending = [];
      try {
        await sendWakes(this.queue, wakes);
        await this.dispatch.markDispatched(wakes.map(({ id }) => id));
      } catch (error) {
        this.logger.warn('wakes not sent, the dispatcher will find the jobs', { jobs: wakes.length, err: error });
      }
    }
    this.sending = undefined;
  }
}
