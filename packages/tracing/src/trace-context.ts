/** W3C Trace Context: what tells one trace from another, in headers, in the row of a job, in lines of the log. */
import { createTraceState, isSpanContextValid, type SpanContext, trace, TraceFlags } from '@opentelemetry/api';

const traceparent = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The span that a `traceparent` names, for children of it; undefined where it is malformed, which is as good as none. */
export function remoteSpan(header: string | null | undefined, tracestate?: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = traceparent.exec(header ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const span: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  };
  return isSpanContextValid(span) ? span : undefined;
}

/** The `traceparent` by which others continue the trace below the active span; undefined where there is none. */
export function activeTraceparent(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span)
    ? `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`
    : undefined;
}

/** As lines of the log and exemplars name a span. */
export interface TraceIds {
  readonly trace_id: string;
  readonly span_id: string;
}

/** Those of the active span; undefined where there is none. */
export function activeTrace(): TraceIds | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : undefined;
}

/** Those of the active span where it is sent to the receiver: a link to any other leads nowhere. */
export function sampledTrace(): TraceIds | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span && span.traceFlags & TraceFlags.SAMPLED ? { trace_id: span.traceId, span_id: span.spanId } : undefined;
}
