import type { TracingSettings } from './settings.js';

export interface TracingOptions {
  readonly service: 'api' | 'worker';
  readonly version: string;
  readonly settings: TracingSettings;
  /** Is told, at most once a minute, what OpenTelemetry complains of: that the receiver is away, most of all. */
  readonly warn: (complaint: string) => void;
}

export interface Tracing {
  /** Sends what has not been sent, for a second at most, and traces no more. Never rejects. */
  stop(): Promise<void>;
}

/** Traces from now on, where a receiver is set; else it loads nothing, spans are empty objects, and it resolves to undefined. */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const url = tracesUrl(options.settings);
  if (url === undefined) return undefined;
  const { startSdk } = await import('./sdk.js');
  return startSdk(url, options);
}

function tracesUrl({
  OTEL_EXPORTER_OTLP_ENDPOINT: base,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces,
}: TracingSettings): string | undefined {
  return traces ?? (base === undefined ? undefined : `${base.replace(/\/$/, '')}/v1/traces`);
}
