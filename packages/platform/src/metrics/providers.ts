import type { Provider } from '@nestjs/common';
import { labelCombinations, type Metric, metricsOf } from '@tintype/metrics';
import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge, Histogram } from 'prom-client';

/** Providers of every metric that a service exports, each known by `getToken(name)` and `@InjectMetric(name)`. */
export function metricProviders(service: 'api' | 'worker'): Provider[] {
  return metricsOf(service).map((metric) => startingAtZero(providerOf(metric), metric));
}

function providerOf(metric: Metric) {
  const options = { name: metric.name, help: metric.help, labelNames: Object.keys(metric.labels) };
  switch (metric.kind) {
    case 'counter':
      return makeCounterProvider(options);
    case 'gauge':
      return makeGaugeProvider(options);
    case 'histogram':
      return makeHistogramProvider({ ...options, ...(metric.buckets && { buckets: [...metric.buckets] }) });
  }
}

/** Exports every combination of closed label sets from the start. A shared fact has no value before it is first read. */
function startingAtZero(provider: ReturnType<typeof providerOf>, metric: Metric): Provider {
  if (!('useFactory' in provider)) return provider;
  const create: (...dependencies: unknown[]) => unknown = provider.useFactory;
  return {
    ...provider,
    useFactory: (...dependencies: unknown[]) => {
      const created = create(...dependencies);
      const combinations = metric.scope === 'shared' ? [] : (labelCombinations(metric) ?? []);
      for (const labels of combinations) {
        if (created instanceof Counter || created instanceof Gauge) created.inc(labels, 0);
        if (created instanceof Histogram) created.zero(labels);
      }
      return created;
    },
  };
}
