import { Injectable } from '@nestjs/common';
import { metrics } from '@tintype/metrics';
import { actionsOf, type Output } from '@tintype/operations';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';

/** Counts outputs when they have ended, once for each distinct action of their pipeline. */
@Injectable()
export class ActionCounter {
  constructor(@InjectMetric(metrics.jobsProcessed.name) private readonly processed: CounterOf<typeof metrics.jobsProcessed>) {}

  count(output: Output, status: 'completed' | 'failed'): void {
    for (const action of actionsOf(output)) this.processed.inc({ action, status });
  }
}
