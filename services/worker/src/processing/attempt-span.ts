/** An attempt as a trace shows it: a part of the trace of the request that created its job, with a span for each of its stages. */
import type { ClaimedJob, JobErrorCode } from '@tintype/jobs';
import { activeTrace, failSpan, inSpan, remoteSpan, type Span, SpanKind, startSpan } from '@tintype/tracing';
import type { OutputResult } from '../children/messages.js';
import type { Outcome } from './attempt-metrics.js';

interface Ended {
  readonly outcome: Outcome;
  readonly code?: JobErrorCode | undefined;
}

/** Outcomes that are nobody's failure. */
const unfailed: ReadonlySet<Outcome> = new Set(['completed', 'canceled', 'released']);

/** In messaging terms the attempt is the consumer of the job. `attempt` must not reject. */
export function inAttemptSpan<End extends Ended>(job: ClaimedJob, attempt: () => Promise<End>): Promise<End> {
  const attributes = {
    'messaging.system': 'postgresql',
    'messaging.destination.name': 'job',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.message.id': job.id,
    'tintype.job.attempt': job.attempt,
    'tintype.job.generation': job.generation,
    'tintype.job.outputs': job.outputs.length,
  };
  return inSpan('process job', { kind: SpanKind.CONSUMER, attributes, parent: remoteSpan(job.trace) }, async (span) => {
    const end = await attempt();
    describeEnd(span, end);
    return end;
  });
}

function describeEnd(span: Span, { outcome, code }: Ended): void {
  span.setAttribute('tintype.job.outcome', outcome);
  if (!unfailed.has(outcome)) failSpan(span, code ?? outcome);
}

/** For lines of the log where nothing is traced here, but whoever sent the request has a trace. */
export function traceOf({ trace }: Pick<ClaimedJob, 'trace'>): { readonly trace_id?: string | undefined } {
  return activeTrace() ? {} : { trace_id: remoteSpan(trace)?.traceId };
}

/** A child has a watch and no tracing: the stages of an output that it has just told of are drawn backwards from now. */
export function drawStages(output: string, { decodeMs, transformMs, encodeMs }: OutputResult['stages']): void {
  const attributes = { 'tintype.output.name': output };
  let endTime = performance.timeOrigin + performance.now();
  for (const [stage, ms] of [
    ['encode', encodeMs],
    ['transform', transformMs],
    ['decode', decodeMs],
  ] as const) {
    // The first output has the decoding of all; an output without operations of its own has nothing to transform.
    if (ms === 0) continue;
    startSpan(stage, { attributes, startTime: endTime - ms }).end(endTime);
    endTime -= ms;
  }
}
