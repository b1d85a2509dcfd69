/** Trying failed jobs again because a client wants it. */
import type { EntityManager } from 'typeorm';
import { jobIsRead } from './in-use.js';
import { maxAttempts, maxCrashes } from './job.entity.js';

export interface RetriedJobs {
  readonly retried: number;
  /** Files of outputs that are made again: to be deleted from the storage now. */
  readonly keys: readonly string[];
}

/**
 * Queues failed jobs as if they were new, under their old ids: all their outputs are made again. Left alone are those of which an
 * unfinished job reads an output. They must be locked `for update`, so that no job can come to read them meanwhile.
 */
export async function retryFailed(manager: EntityManager, ids: readonly string[]): Promise<RetriedJobs> {
  // For no ids PostgreSQL may choose an index that fits none, and read all of it.
  if (ids.length === 0) return { retried: 0, keys: [] };
  const [row] = await manager.query<RetriedJobs[]>(retryJobs, [ids]);
  return row ?? { retried: 0, keys: [] };
}

// A new budget of attempts and crashes; the numbers of attempts go on, so that the history tells them apart.
const retryJobs = `with retried as (
    update job set
      status = 'queued', retries = retries + 1, run_at = now(), started_at = null, finished_at = null,
      max_attempts = attempt + ${maxAttempts}, max_crashes = crash_count + ${maxCrashes},
      error_code = null, error_detail = null, error_output = null, last_error_code = null, last_error_detail = null
    where id = any($1) and not ${jobIsRead('job.id')}
    returning id
  )
  select (select count(*)::integer from retried) as retried, array(
    select storage_key from output join retried on retried.id = output.job_id where storage_key is not null
  ) as keys`;
