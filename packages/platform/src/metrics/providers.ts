import type { FactoryProvider, Provider } from '@nestjs/common';
import { labelCombinations, type Metric, metricsOf } from '@tintype/metrics';
import { getToken, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge, Histogram, type HistogramConfiguration, register } from 'prom-client';
import { ExemplarHistogram } from './exemplar-histogram.js';

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
      return histogramProvider({ ...options, ...(metric.buckets && { buckets: [...metric.buckets] }) });
  }
}

/** Specs build several applications in one process, which have one registry. */
function histogramProvider(options: HistogramConfiguration<string>): FactoryProvider {
  return {
    provide: getToken(options.name),
    useFactory: () => register.getSingleMetric(options.name) ?? new ExemplarHistogram(options),
  };
}

/** Exports what is born at zero from the start. A shared fact has no value before it is first read. */
function startingAtZero(provider: ReturnType<typeof providerOf>, metric: Metric): Provider {
  if (!('useFactory' in provider)) return provider;
  const create: (...dependencies: unknown[]) => unknown = provider.useFactory;
  return {
    ...provider,
    useFactory: (...dependencies: unknown[]) => {
      const created = create(...dependencies);
      const startsAtZero = metric.scope === 'instance' && metric.born === 'at zero';
      const combinations = startsAtZero ? (labelCombinations(metric) ?? []) : [];
      for (const labels of combinations) {
        if (created instanceof Counter || created instanceof Gauge) created.inc(labels, 0);
        if (created instanceof Histogram) created.zero(labels);
      }
      return created;
    },
  };
}
