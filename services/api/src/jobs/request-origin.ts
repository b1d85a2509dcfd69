import type { NewJob } from '@tintype/jobs';
import { remoteSpan } from '@tintype/tracing';
import type { Request } from 'express';

/** What a job keeps of the request that created it: a malformed trace context is as good as none. */
export function requestOrigin(request: Request): Pick<NewJob, 'requestId' | 'trace'> {
  const trace = request.get('traceparent');
  return { requestId: request.id, trace: remoteSpan(trace) ? trace : undefined };
}
