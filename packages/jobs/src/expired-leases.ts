import type { DataSource } from 'typeorm';
import { backoff, endOfAttempt, triesLeft } from './end-of-attempt.js';
import type { JobErrorCode } from './error-codes.js';
import type { Status } from './status.js';

/** A job whose worker did not renew its lease in time. */
export interface ExpiredLease {
  readonly id: string;
  /** `queued` to be tried again, or how it ended. */
  readonly status: Exclude<Status, 'running' | 'completed'>;
  readonly attempt: number;
  readonly crashCount: number;
  readonly errorCode: JobErrorCode | null;
}

const sweepLimit = 200;

/** What becomes of the jobs of workers that died. Every worker may sweep at the same time as others. */
export class ExpiredLeases {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes jobs over whose lease has expired: counts a crash, and queues them again unless it was one too many. */
  async sweep(): Promise<ExpiredLease[]> {
    const rows = await this.dataSource.query<ExpiredRow[]>(sweepLeases);
    return rows.map(({ crash_count, error_code, ...row }) => ({ ...row, crashCount: crash_count, errorCode: error_code }));
  }
}

type ExpiredRow = Omit<ExpiredLease, 'crashCount' | 'errorCode'> & {
  readonly crash_count: number;
  readonly error_code: JobErrorCode | null;
};

const sweepLeases = `with ${endOfAttempt({
  where: 'lease_expires_at < now()',
  again: triesLeft,
  delay: backoff('crash_count', 60),
  errorCode: `'worker_crashed'`,
  errorDetail: `'The worker stopped renewing its lease'`,
  // Unlike those who end an attempt by themselves the late worker must not take this end for its own.
  set: ['crash_count = crash_count + 1', 'lease_token = null'],
  limit: String(sweepLimit),
})} select * from ended`;
