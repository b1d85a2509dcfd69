import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { metrics } from '@tintype/metrics';
import { CollectedGauges, type GaugeOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { CAPACITY, type Capacity } from '../capacity/capacity.js';
import { ChildPool } from './child-pool.js';

/** What Prometheus learns of the children; it is looked up when Prometheus asks. */
@Injectable()
export class ChildrenMetrics implements OnModuleInit {
  constructor(
    private readonly children: ChildPool,
    @Inject(CAPACITY) private readonly capacity: Capacity,
    private readonly gauges: CollectedGauges,
    @InjectMetric(metrics.concurrency.name) private readonly concurrency: GaugeOf<typeof metrics.concurrency>,
    @InjectMetric(metrics.childMemoryLimit.name) private readonly memoryLimit: GaugeOf<typeof metrics.childMemoryLimit>,
  ) {}

  onModuleInit(): void {
    const { children, gauges } = this;
    const own = { own: true };
    this.concurrency.set(this.capacity.concurrency);
    this.memoryLimit.set(children.memoryLimitBytes);
    const states = async () =>
      metrics.children.labels.state.map((state) => ({ labels: { state }, value: children.states[state] }));
    const memory = async () => {
      const bytes = await children.residentBytes();
      return [{ labels: {}, value: bytes.reduce((sum, each) => sum + each, 0) }];
    };
    const largest = async () => [{ labels: {}, value: Math.max(0, ...(await children.residentBytes())) }];
    gauges.collect(metrics.children, states, own);
    gauges.collect(metrics.childrenMemory, memory, own);
    gauges.collect(metrics.childMemoryMost, largest, own);
    gauges.collect(metrics.vipsMemory, async () => [{ labels: {}, value: children.vipsPeakBytes }], own);
  }
}
