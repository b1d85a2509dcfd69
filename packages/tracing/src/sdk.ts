/** OpenTelemetry's SDK, loaded only where traces are sent. Whoever makes spans knows its API alone. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { context, diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import {
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_NAMESPACE,
  ATTR_SERVICE_VERSION,
} from '@opentelemetry/semantic-conventions';
import type { TracingSettings } from './settings.js';
import type { Tracing, TracingOptions } from './tracing.js';

/** A receiver that answers slower than this when a process stops does not get its last spans. */
const lastSpansMs = 1_000;
const complaintEveryMs = 60_000;

export function startSdk(url: string, options: TracingOptions): Tracing {
  complainTo(options.warn);
  const headers = parseKeyPairsIntoRecord(options.settings.OTEL_EXPORTER_OTLP_HEADERS);
  const provider = new BasicTracerProvider({
    resource: resourceOf(options),
    sampler: samplerOf(options.settings),
    // It sends in the background, holds 2048 spans and drops what comes beyond: a receiver that is away costs nothing more.
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url, headers }))],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    async stop() {
      // What goes wrong has been complained of.
      await Promise.race([provider.shutdown().catch(() => undefined), sleep(lastSpansMs, undefined, { ref: false })]);
      trace.disable();
      context.disable();
      diag.disable();
    },
  };
}

function resourceOf({ service, version, settings }: TracingOptions): Resource {
  const { OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME } = settings;
  return defaultResource().merge(
    resourceFromAttributes({
      [ATTR_SERVICE_NAME]: `tintype-${service}`,
      [ATTR_SERVICE_NAMESPACE]: 'tintype',
      [ATTR_SERVICE_VERSION]: version,
      [ATTR_SERVICE_INSTANCE_ID]: hostname(),
      ...parseKeyPairsIntoRecord(OTEL_RESOURCE_ATTRIBUTES),
      ...(OTEL_SERVICE_NAME !== undefined && { [ATTR_SERVICE_NAME]: OTEL_SERVICE_NAME }),
    }),
  );
}

function samplerOf({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }: TracingSettings): Sampler {
  const ratio = new TraceIdRatioBasedSampler(OTEL_TRACES_SAMPLER_ARG);
  switch (OTEL_TRACES_SAMPLER) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return ratio;
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: ratio });
  }
}

/** A receiver that is away would be complained of with every batch. */
function complainTo(warn: TracingOptions['warn']): void {
  let nextAt = 0;
  const complain = (...words: unknown[]): void => {
    if (performance.now() < nextAt) return;
    nextAt = performance.now() + complaintEveryMs;
    warn(words.map(String).join(' ').slice(0, 500));
  };
  const ignore = (): void => undefined;
  const logger = { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
