import type { NewJob } from '@tintype/jobs';
import type { Request } from 'express';

const traceparent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What a job keeps of the request that created it: a malformed trace context is as good as none. */
export function requestOrigin(request: Request): Pick<NewJob, 'requestId' | 'trace'> {
  const trace = request.get('traceparent');
  return { requestId: request.id, trace: trace !== undefined && traceparent.test(trace) ? trace : undefined };
}
