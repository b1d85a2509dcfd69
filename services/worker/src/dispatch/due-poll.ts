import { Injectable } from '@nestjs/common';
import { metrics } from '@tintype/metrics';
import { type CounterOf, LoopProvider } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { Slots } from './slots.js';

const everyMs = 300;

/** Looks for jobs of which no wake tells: it was never sent or is lost, or the job had to wait for another attempt. */
@Injectable()
export class DuePoll extends LoopProvider {
  constructor(
    private readonly slots: Slots,
    @InjectMetric(metrics.jobsFoundByPolling.name) private readonly found: CounterOf<typeof metrics.jobsFoundByPolling>,
  ) {
    super({ name: 'due poll', everyMs });
  }

  /** How long ago it last looked, in milliseconds. */
  get silentMs(): number {
    return this.loop.silentMs;
  }

  protected async round(): Promise<boolean> {
    this.found.inc(await this.slots.look());
    return false;
  }
}
