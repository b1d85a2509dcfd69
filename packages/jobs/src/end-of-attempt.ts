/**
 * How an attempt ends otherwise than by its results: given back, tried again, failed, or taken from a worker that died. One
 * statement for all, so that they agree: a job whose cancellation was requested ends canceled, whatever happened to it.
 */
interface EndOfAttempt {
  /** Which running jobs: a condition. */
  readonly where: string;
  /** Whether the job is to be tried again: a condition. */
  readonly again: string;
  /** Seconds until it may be tried again, as SQL. */
  readonly delay: string;
  /** Parameters or literals. */
  readonly errorCode: string;
  readonly errorDetail: string;
  readonly errorOutput?: string;
  /** More assignments. */
  readonly set: readonly string[];
  /** At most so many jobs, leaving those that another process is just changing. */
  readonly limit?: string;
}

/**
 * Common table expressions for a statement to begin with. Theirs is `ended`: id, status, attempt, crash_count and error_code of
 * the jobs, as they are then.
 */
export function endOfAttempt(end: EndOfAttempt): string {
  return `held as (
    select id, case when cancel_requested_at is not null then 'canceled' when ${end.again} then 'queued' else 'failed' end as next
    from job where status = 'running' and ${end.where}
    ${end.limit ? `order by lease_expires_at limit ${end.limit} for no key update skip locked` : 'for no key update'}
  ), ended as (
    update job set
    ${end.set.map((assignment) => `${assignment},`).join(' ')}
    status = held.next,
    run_at = case held.next when 'queued' then now() + make_interval(secs => ${end.delay}) else run_at end,
    lease_expires_at = null,
    finished_at = case when held.next <> 'queued' then now() end,
    last_error_code = case held.next when 'queued' then ${end.errorCode} end,
    last_error_detail = case held.next when 'queued' then left(${end.errorDetail}, 2000) end,
    error_code = case held.next when 'failed' then ${end.errorCode} end,
    error_detail = case held.next when 'failed' then left(${end.errorDetail}, 2000) end,
    error_output = case held.next when 'failed' then ${end.errorOutput ?? 'null'} end
  from held where job.id = held.id
  returning job.id, job.status, job.attempt, job.crash_count, job.error_code
  )`;
}

/** Exponential with jitter, so that jobs that failed together do not come back together: 50–100 % of `2^exponent` s. */
export function backoff(exponent: string, mostSeconds: number): string {
  return `least(power(2, ${exponent}), ${mostSeconds}) * (0.5 + random() / 2)`;
}

/** After a crash: whether there are crashes and attempts left. */
export const triesLeft = 'crash_count + 1 < max_crashes and attempt < max_attempts';
