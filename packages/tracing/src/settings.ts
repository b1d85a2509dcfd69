import { z } from 'zod';

const receiver = z.url({ protocol: /^https?$/ }).optional();

/** By the names that OpenTelemetry gives them. Its other variables (OTEL_BSP_…, OTEL_EXPORTER_OTLP_TIMEOUT …) are read by its SDK. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.meta({
    description:
      'Where traces are sent, by OTLP over HTTP: `/v1/traces` below this URL. Without it and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT nothing is traced',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.meta({ description: 'The same as the whole URL; it wins' }),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional().meta({
    description: 'Headers of these requests, as `name=value,name=value` with percent-encoded values',
    secret: true,
  }),
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .default('parentbased_always_on')
    .meta({
      description:
        'Which traces are sent; by `parentbased_…` those whose client sends them, and the others by the rest of the name',
    }),
  OTEL_TRACES_SAMPLER_ARG: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .meta({ description: 'The share of traces that `traceidratio` and `parentbased_traceidratio` send' }),
  OTEL_SERVICE_NAME: z
    .string()
    .optional()
    .meta({ description: 'The name of the service in traces. Default: `tintype-api`, `tintype-worker`' }),
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional().meta({
    description: 'Attributes of all spans, as `deployment.environment.name=production,name=value` with percent-encoded values',
  }),
};

export type TracingSettings = { readonly [Name in keyof typeof tracingSettings]: z.output<(typeof tracingSettings)[Name]> };
