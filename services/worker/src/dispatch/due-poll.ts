import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { metrics } from '@tintype/metrics';
import { type CounterOf, Loop } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Slots } from './slots.js';

const everyMs = 300;

/** Looks for jobs of which no wake tells: it was never sent or is lost, or the job had to wait for another attempt. */
@Injectable()
export class DuePoll implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #loop = new Loop({ name: 'due poll', everyMs, round: () => this.#round(), logger: new Logger(DuePoll.name) });

  constructor(
    private readonly slots: Slots,
    @InjectMetric(metrics.jobsFoundByPolling.name) private readonly found: CounterOf<typeof metrics.jobsFoundByPolling>,
  ) {}

  /** How long ago it last looked, in milliseconds. */
  get silentMs(): number {
    return this.#loop.silentMs;
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(): Promise<boolean> {
    this.found.inc(await this.slots.look());
    return false;
  }
}
