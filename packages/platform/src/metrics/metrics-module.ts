import { type DynamicModule, Module } from '@nestjs/common';
import { metrics } from '@tintype/metrics';
import { getToken, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import { CollectedGauges } from './collected-gauges.js';
import { metricProviders } from './providers.js';
import type { GaugeOf } from './typed.js';

interface MetricsOptions {
  readonly service: 'api' | 'worker';
  readonly version: string;
}

/** Exposes the metrics of a service, and of its process, at `/metrics`; any module may inject them. */
@Module({})
export class MetricsModule {
  static register({ service, version }: MetricsOptions): DynamicModule {
    const providers = metricProviders(service);
    return {
      module: MetricsModule,
      global: true,
      imports: [PrometheusModule.register({ defaultMetrics: { enabled: !hasDefaultMetrics() } })],
      providers: [
        ...providers,
        CollectedGauges,
        {
          provide: 'BUILD_INFO',
          inject: [getToken(metrics.buildInfo.name)],
          useFactory: (info: GaugeOf<typeof metrics.buildInfo>) =>
            info.set({ component: service, version, node_version: process.versions.node }, 1),
        },
      ],
      exports: [...providers, CollectedGauges],
    };
  }
}

/** prom-client refuses to register its process metrics twice; specs build several applications in one process. */
function hasDefaultMetrics(): boolean {
  return register.getSingleMetric('process_cpu_seconds_total') !== undefined;
}
