import { activeTraceparent, inSpan, type Span, SpanKind } from '@tintype/tracing';

/**
 * Writes jobs as a part of the active trace, from where workers continue it: in messaging terms the database is what carries jobs, and
 * this is their producer. `trace`: what the rows shall keep; undefined where nothing is traced.
 */
export function inCreateSpan<Result>(
  jobs: number,
  create: (trace: string | undefined, span: Span) => Promise<Result>,
): Promise<Result> {
  const attributes = {
    'messaging.system': 'postgresql',
    'messaging.destination.name': 'job',
    'messaging.operation.name': 'create',
    'messaging.operation.type': 'create',
    'messaging.batch.message_count': jobs,
  };
  return inSpan('create job', { kind: SpanKind.PRODUCER, attributes }, (span) => create(activeTraceparent(), span));
}
