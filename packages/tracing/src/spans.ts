import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanKind,
  SpanStatusCode,
  type TimeInput,
  trace,
} from '@opentelemetry/api';

export interface SpanOptions {
  /** Default: internal. */
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Default: the active span. */
  readonly parent?: SpanContext | undefined;
  /** Default: now. */
  readonly startTime?: TimeInput;
}

/** A span that the caller ends. It is the active one only within {@link whileActive}. */
export function startSpan(name: string, { parent, ...options }: SpanOptions = {}): Span {
  const active = context.active();
  // Asked for each time, as it is another one before tracing has started and after it has stopped.
  const tracer = trace.getTracer('tintype');
  return tracer.startSpan(name, options, parent ? trace.setSpanContext(active, parent) : active);
}

/** Runs something, and all that it causes, as a part of this span. */
export function whileActive<Result>(span: Span, work: () => Result): Result {
  return context.with(trace.setSpan(context.active(), span), work);
}

/** Runs something in a span of its own. One that rejects has failed. */
export async function inSpan<Result>(name: string, options: SpanOptions, work: (span: Span) => Promise<Result>): Promise<Result> {
  const span = startSpan(name, options);
  try {
    return await whileActive(span, () => work(span));
  } catch (error) {
    failSpan(span, errorType(error));
    throw error;
  } finally {
    span.end();
  }
}

/** Adds to the active span what has just ended; nothing where none is active, as what goes on all the time is a part of no trace. */
export function drawSpan(name: string, seconds: number, options: Pick<SpanOptions, 'kind' | 'attributes'>): void {
  if (!trace.getActiveSpan()) return;
  const endTime = performance.timeOrigin + performance.now();
  startSpan(name, { ...options, startTime: endTime - seconds * 1000 }).end(endTime);
}

/** Runs something that outlives what is going on now, and is no part of it. */
export function outsideTraces<Result>(work: () => Result): Result {
  return context.with(ROOT_CONTEXT, work);
}

/** Messages of errors stay in the log: they may quote what is nobody else's business. */
export function failSpan(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : '_OTHER';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
