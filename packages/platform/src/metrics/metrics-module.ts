import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { metrics } from '@tintype/metrics';
import { getToken, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { CollectedGauges } from './collected-gauges.js';
import { DatabaseMetrics } from './database-metrics.js';
import { MetricsController } from './metrics.controller.js';
import { metricProviders } from './providers.js';
import { collectRuntimeMetrics } from './runtime-metrics.js';
import { StorageMetrics } from './storage-metrics.js';
import type { GaugeOf } from './typed.js';

interface MetricsOptions {
  readonly service: 'api' | 'worker';
  readonly version: string;
}

/** Exposes the metrics of a service, and of its process, at `/metrics`; any module may inject them. */
@Module({})
export class MetricsModule implements OnModuleInit {
  static register({ service, version }: MetricsOptions): DynamicModule {
    const providers = metricProviders(service);
    return {
      module: MetricsModule,
      global: true,
      imports: [PrometheusModule.register({ controller: MetricsController, defaultMetrics: { enabled: false } })],
      providers: [
        ...providers,
        CollectedGauges,
        DatabaseMetrics,
        StorageMetrics,
        {
          provide: 'BUILD_INFO',
          inject: [getToken(metrics.buildInfo.name)],
          useFactory: (info: GaugeOf<typeof metrics.buildInfo>) =>
            info.set({ component: service, version, node_version: process.versions.node }, 1),
        },
      ],
      exports: [...providers, CollectedGauges, DatabaseMetrics, StorageMetrics],
    };
  }

  onModuleInit(): void {
    collectRuntimeMetrics();
  }
}
