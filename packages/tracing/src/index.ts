export { type Attributes, type Span, type SpanContext, SpanKind } from '@opentelemetry/api';
export { type TracingSettings, tracingSettings } from './settings.js';
export { drawSpan, failSpan, inSpan, outsideTraces, type SpanOptions, startSpan, whileActive } from './spans.js';
export { activeTrace, activeTraceparent, remoteSpan, sampledTrace, type TraceIds } from './trace-context.js';
export { startTracing, type Tracing, type TracingOptions } from './tracing.js';
