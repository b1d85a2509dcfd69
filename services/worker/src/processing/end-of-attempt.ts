/** What becomes of a job when an attempt at it ends without results. */
import { type ClaimedJob, type CrashCode, type Failure, jobErrors, type JobLeases, type Status } from '@tintype/jobs';
import { ImageError } from '@tintype/operations';
import { NotFoundError, StorageError } from '@tintype/storage';
import { ChildFailure } from '../children/child-failure.js';
import { SourceError } from './source-of-url.js';

/** How the attempt ended, as the catalogue of metrics has it, and why. */
export type Ending =
  | { readonly outcome: 'failed' | 'retried' | 'postponed'; readonly failure: Failure }
  | { readonly outcome: 'crashed'; readonly failure: CrashFailure };

interface CrashFailure {
  readonly code: CrashCode;
  readonly detail?: string;
}

/**
 * Records the end of an attempt that failed: for good where the picture or the request is at fault, to be tried again where
 * the world was: without end in sight, as long as that is something that all jobs need. Resolves to the job's status then, undefined when the lease was lost.
 */
export async function endAttempt(leases: JobLeases, { id, leaseToken }: ClaimedJob, ending: Ending): Promise<Status | undefined> {
  switch (ending.outcome) {
    case 'failed':
      return leases.fail(id, leaseToken, ending.failure);
    case 'retried':
      return leases.retry(id, leaseToken, ending.failure);
    case 'postponed':
      return leases.postpone(id, leaseToken, ending.failure);
    case 'crashed':
      return leases.crashed(id, leaseToken, ending.failure);
  }
}

export function endingFor(error: unknown, timeoutSeconds: number): Ending {
  if (error instanceof ImageError) return { outcome: 'failed', failure: { code: error.code, detail: error.detail } };
  if (error instanceof ChildFailure) {
    return { outcome: 'crashed', failure: crashFailure(error, timeoutSeconds) };
  }
  if (error instanceof SourceError) {
    const { code, detail } = error;
    return { outcome: jobErrors[code].retryable ? 'retried' : 'failed', failure: { code, detail } };
  }
  if (error instanceof NotFoundError) return { outcome: 'failed', failure: { code: 'source_missing' } };
  if (error instanceof StorageError) return { outcome: 'postponed', failure: { code: 'storage_unavailable' } };
  return { outcome: 'retried', failure: { code: 'processing_failed' } };
}

function crashFailure({ reason }: ChildFailure, timeoutSeconds: number): CrashFailure {
  if (reason === 'timeout') return { code: 'processing_timeout', detail: `It took more than ${timeoutSeconds} s` };
  return { code: reason === 'memory' ? 'memory_limit_exceeded' : 'worker_crashed' };
}
