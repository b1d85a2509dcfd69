import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type ExpiredLease, ExpiredLeases, JobReader } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import { type CounterOf, Loop } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { ActionCounter } from '../processing/action-counter.js';

const everyMs = 1_500;

/** Takes jobs back from workers that died without a word. It may run in every worker, as they leave each other's jobs alone. */
@Injectable()
export class LeaseSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(LeaseSweeper.name);
  readonly #loop = new Loop({ name: 'lease sweeper', everyMs, round: () => this.#round(), logger: this.#logger });

  constructor(
    private readonly leases: ExpiredLeases,
    private readonly reader: JobReader,
    private readonly actions: ActionCounter,
    @InjectMetric(metrics.leasesExpired.name) private readonly expired: CounterOf<typeof metrics.leasesExpired>,
  ) {}

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  async #round(): Promise<boolean> {
    const expired = await this.leases.sweep();
    this.expired.inc(expired.length);
    for (const lease of expired) this.#logger.warn('lease expired', { job: lease.id, ...lease });
    await Promise.all(expired.filter(({ status }) => status === 'failed').map((lease) => this.#countOutputs(lease)));
    return false;
  }

  /** The worker that ran them cannot count them any more. */
  async #countOutputs({ id }: ExpiredLease): Promise<void> {
    const job = await this.reader.find(id);
    for (const output of job?.outputs ?? []) this.actions.count(output.spec, 'failed');
  }
}
