import type { DataSource } from 'typeorm';
import { backoff, endOfAttempt, triesLeft } from './end-of-attempt.js';
import type { JobErrorCode } from './error-codes.js';
import type { Wake } from './queue.js';
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

/** After so long without a claim the queue is told again: it may have lost the message. */
const resendAfterSeconds = 60;
const sweepLimit = 200;

/**
 * Keeps jobs moving whatever the queue loses and whichever worker dies. Every worker may run it at the same time as others.
 */
export class JobDispatch {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Sends the wakes of jobs that are due and that the queue was not told of, or not lately; most urgent first. Resolves to
   * their number. When `send` rejects nothing is changed, and they are due again.
   */
  async due(limit: number, send: (wakes: Wake[]) => Promise<void>): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const wakes = await manager.query<Wake[]>(dueJobs, [limit, resendAfterSeconds]);
      if (wakes.length === 0) return 0;
      await send(wakes);
      await manager.query(markDispatched, [wakes.map(({ id }) => id)]);
      return wakes.length;
    });
  }

  /** For jobs whose wakes were sent in another way; unmarked ones are only sent once more. */
  async markDispatched(ids: readonly string[]): Promise<void> {
    await this.dataSource.query(markDispatched, [ids]);
  }

  /** For a queue that has lost everything: makes all waiting jobs due to be sent again. Resolves to their number. */
  async forgetDispatched(): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `update job set dispatched_at = null where status = 'queued' and dispatched_at is not null`,
    );
    return count;
  }

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

const dueJobs = `with unsent as (
    select id, generation from job
    where status = 'queued' and dispatched_at is null and run_at <= now()
    order by priority desc, run_at, id limit $1 for no key update skip locked
  ), stale as (
    select id, generation from job
    where status = 'queued' and dispatched_at < now() - make_interval(secs => $2)
    order by dispatched_at limit $1 for no key update skip locked
  )
  select * from unsent union all select * from stale limit $1`;

const markDispatched = `update job set dispatched_at = now() where id = any($1) and status = 'queued'`;

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
