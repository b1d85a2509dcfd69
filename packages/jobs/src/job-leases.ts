import type { QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';
import { backoff, endOfAttempt, triesLeft } from './end-of-attempt.js';
import type { JobErrorCode } from './error-codes.js';
import type { Job } from './job.entity.js';
import { jobFromRow, selectJob, type JobRow } from './job-rows.js';
import { prepared } from './prepared.js';
import { claimOrder } from './priority.js';
import type { Stage, Status } from './status.js';
import type { StoredFile } from './stored-file.js';

/** A job that is held: with outputs, inputs and the token that every later write must show. */
export type ClaimedJob = Job & { readonly leaseToken: string };

export interface ClaimOptions {
  /** Names the worker in the row, for people. */
  readonly workerId: string;
  readonly leaseSeconds: number;
  /** Shown by every later write. Give the same one when repeating a claim whose answer was lost: it is then answered again. */
  readonly token: string;
}

export interface AttemptResults {
  readonly source?: SourceFound | undefined;
  readonly outputs: readonly OutputOutcome[];
}

/** How far an attempt is. */
export interface Progress {
  readonly stage: Stage;
  /** Outputs that are stored. */
  readonly outputsDone: number;
}

export interface Failure {
  readonly code: JobErrorCode;
  /** For the client; nothing internal. */
  readonly detail?: string | undefined;
  /** The name of the output whose fault it is. */
  readonly output?: string | undefined;
}

/** Codes of an attempt whose process died, by itself or by its limits. */
export type CrashCode = Extract<JobErrorCode, 'worker_crashed' | 'processing_timeout' | 'memory_limit_exceeded'>;

export interface SourceFound {
  readonly format: string;
  /** Of one frame, upright, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly pages: number;
}

export type OutputOutcome = { readonly name: string } & (
  | {
      readonly status: 'completed';
      readonly format: string;
      readonly mediaType: string;
      readonly width: number;
      readonly height: number;
      readonly pages: number;
      readonly bytes: number;
      /** Hexadecimal. */
      readonly sha256: string;
      readonly storageKey: string;
    }
  | { readonly status: 'completed'; /** Of an analysis. */ readonly value: unknown }
  | { readonly status: 'failed'; readonly code: JobErrorCode; readonly detail?: string | undefined }
);

/**
 * The lease that a worker has on a job. Every write shows the token of its claim and changes nothing once the lease has been
 * taken over; so a worker that slept, or lost its network, can come back late and do no harm.
 *
 * Methods that end an attempt resolve to the status that the job has now, and to undefined when the lease was lost: then
 * files that the attempt stored are nobody's. They may be repeated with the same token when an answer was lost.
 */
export class JobLeases {
  /** `order`: of the classes of priority, for one claim. */
  constructor(
    private readonly dataSource: DataSource,
    private readonly order: () => readonly number[] = claimOrder,
  ) {}

  /** Takes up to `limit` jobs that are due, the most urgent ones mostly (see priority.ts). Workers that claim at the same time get different ones. */
  async claim(limit: number, { workerId, leaseSeconds, token }: ClaimOptions): Promise<ClaimedJob[]> {
    const rows = await claimJobs(this.dataSource, [limit, token, leaseSeconds, workerId, this.order()]);
    return rows.map((row) => jobFromRow(this.dataSource, row) as ClaimedJob);
  }

  /** The heartbeat, and the news for clients. `cancel`: still held, but a client wants it stopped, so end the attempt by `release`. */
  async extend(
    id: string,
    token: string,
    leaseSeconds: number,
    { stage, outputsDone }: Progress,
  ): Promise<'held' | 'cancel' | 'lost'> {
    const [row] = await extendLease(this.dataSource, [id, token, leaseSeconds, stage, outputsDone]);
    if (!row) return 'lost';
    return row.cancel ? 'cancel' : 'held';
  }

  /** A source that was named by its URL is stored now: later attempts read that file. Resolves to false when the lease was lost. */
  async sourceFetched(id: string, token: string, { storageKey, sha256, bytes, format }: StoredFile): Promise<boolean> {
    const rows = await setSource(this.dataSource, [id, token, storageKey, sha256, bytes, format]);
    return rows.length > 0;
  }

  /**
   * Writes the results of all outputs and ends the job: completed, or failed if one of them failed. When a client has asked
   * for cancellation in the meantime it ends canceled and keeps no results. With `next` it also claims a job that is due, which
   * costs one commit for both.
   */
  async complete(
    id: string,
    token: string,
    { source, outputs }: AttemptResults,
    next?: ClaimOptions,
  ): Promise<{ readonly status: Status | undefined; readonly next: ClaimedJob | undefined }> {
    const [row] = await completeJob(this.dataSource, [
      next ? 1 : 0,
      next?.token ?? null,
      next?.leaseSeconds ?? 0,
      next?.workerId ?? null,
      next ? this.order() : [],
      id,
      token,
      JSON.stringify(outputs.map(resultRow)),
      source?.format ?? null,
      source?.width ?? null,
      source?.height ?? null,
      source?.pages ?? null,
    ]);
    return {
      status: row?.ended_as ?? undefined,
      next: row?.['id'] ? (jobFromRow(this.dataSource, row) as ClaimedJob) : undefined,
    };
  }

  /** For a fault that no further attempt would mend. */
  async fail(id: string, token: string, { code, detail, output }: Failure): Promise<Status | undefined> {
    return statusOf(await failJob(this.dataSource, [id, token, code, detail ?? null, output ?? null]));
  }

  /** For a fault that may pass: queued again after 1–2 s, then 2–4 s, up to 5 min; failed when there were enough attempts. */
  async retry(id: string, token: string, { code, detail }: Omit<Failure, 'output'>): Promise<Status | undefined> {
    return statusOf(await retryJob(this.dataSource, [id, token, code, detail ?? null]));
  }

  /**
   * For an outage of what every job needs: it is nobody's attempt. Queued again after half the time that the job has been tried
   * for, from a second to a minute; failed when that is more than a day.
   */
  async postpone(id: string, token: string, { code, detail }: Omit<Failure, 'output'>): Promise<Status | undefined> {
    return statusOf(await postponeJob(this.dataSource, [id, token, code, detail ?? null]));
  }

  /** The process that ran it died. Tried again unless that happened too often, or its time was up: more time will not come. */
  async crashed(
    id: string,
    token: string,
    { code, detail }: { readonly code: CrashCode; readonly detail?: string },
  ): Promise<Status | undefined> {
    return statusOf(await crashJob(this.dataSource, [id, token, code, detail ?? null]));
  }

  /** Gives it back unfinished, as a stopping worker does: queued at once, and the attempt does not count. */
  async release(id: string, token: string): Promise<Status | undefined> {
    return statusOf(await releaseJob(this.dataSource, [id, token]));
  }
}

function statusOf([row]: readonly { readonly status: Status }[]): Status | undefined {
  return row?.status;
}

function resultRow(outcome: OutputOutcome): Record<string, unknown> {
  const { name, status } = outcome;
  if (status === 'failed') return { name, status, error_code: outcome.code, error_detail: outcome.detail?.slice(0, 2000) };
  if ('value' in outcome) return { name, status, value: outcome.value };
  const { mediaType: media_type, storageKey: storage_key, ...columns } = outcome;
  return { ...columns, media_type, storage_key };
}

/** How the attempt has `ended`: now, or by an earlier, equal statement of the same holder whose answer was lost. */
function statusNow(id: string, token: string): string {
  return `select status from ended
  union all
  select status from job where id = ${id} and lease_token = ${token} and status <> 'running'`;
}

interface StatusRow extends QueryResultRow {
  readonly status: Status;
}

/**
 * Common table expressions. Theirs is `taken`: jobs claimed now, or by an earlier, equal statement whose answer was lost; at most $1,
 * with the token $2, for $3 seconds, by the worker $4, looking through the classes of priority in the order of $5.
 */
const take = `kept as (
    select * from job where lease_token = $2 and status = 'running'
  ), due as (
    select found.id from unnest($5::smallint[]) as class (priority), lateral (
      select id from job where status = 'queued' and priority = class.priority and run_at <= now()
      order by run_at, id limit $1::integer - (select count(*) from kept) for no key update skip locked
    ) as found
    limit $1::integer - (select count(*) from kept)
  ), claimed as (
    update job set
      status = 'running', generation = generation + 1, attempt = attempt + 1,
      lease_token = $2, lease_expires_at = now() + make_interval(secs => $3), worker_id = $4,
      started_at = coalesce(started_at, now())
    from due where job.id = due.id
    returning job.*
  ), taken as (
    select * from kept union all select * from claimed
  )`;

const claimJobs = prepared<JobRow>('claim_jobs', `with ${take} ${selectJob('taken')}`);

// Asked often, as it also tells of cancellations; written only when a third of the time is used up, or there is news.
const extendLease = prepared<{ cancel: boolean }>(
  'extend_lease',
  `with held as (
    select id, cancel_requested_at is not null as cancel, lease_expires_at, 
      (stage, outputs_done) is distinct from ($4, $5::smallint) as news
    from job where id = $1 and lease_token = $2 and status = 'running'
  ), extended as (
    update job set lease_expires_at = now() + make_interval(secs => $3),
      stage = $4, outputs_done = $5, version = version + held.news::integer
    from held
    where job.id = held.id and job.lease_token = $2 and job.status = 'running'
      and (held.news or held.lease_expires_at < now() + make_interval(secs => $3) * 2 / 3)
  )
  select cancel from held`,
);

const setSource = prepared<{ id: string }>(
  'set_source',
  `with held as (
    select id from job where id = $1 and lease_token = $2 and status = 'running' for no key update
  ), written as (
    update input set storage_key = $3, sha256 = $4, bytes = $5, format = $6
    from held where input.job_id = held.id and input.position = 0 and input.url is not null
    returning job_id
  )
  update job set version = version + 1 from written where job.id = written.job_id
  returning job.id`,
);

const completeJob = prepared<JobRow & { readonly ended_as: Status | null }>(
  'complete_job',
  `with held as (
    select id, cancel_requested_at is not null as canceled from job
    where id = $6 and lease_token = $7 and status = 'running' for no key update
  ), written as (
    update output set
      status = result.status, format = result.format, media_type = result.media_type, width = result.width, height = result.height,
      pages = result.pages, bytes = result.bytes, sha256 = result.sha256, storage_key = result.storage_key, value = result.value,
      error_code = result.error_code, error_detail = result.error_detail
    from held, jsonb_to_recordset($8::jsonb) as result(
      name text, status text, format text, media_type text, width integer, height integer, pages integer, bytes bigint,
      sha256 text, storage_key text, value jsonb, error_code text, error_detail text)
    where output.job_id = held.id and output.name = result.name and not held.canceled
    returning output.*
  ), failure as (
    select name, error_code, error_detail from written where status = 'failed' order by position limit 1
  ), ended as (
    update job set
    status = case when held.canceled then 'canceled' when failure.name is not null then 'failed' else 'completed' end,
    error_code = failure.error_code, error_detail = failure.error_detail, error_output = failure.name,
    last_error_code = null, last_error_detail = null,
    source_format = $9, source_width = $10, source_height = $11, source_pages = $12,
    lease_expires_at = null, finished_at = now()
  from held left join failure on true
  where job.id = held.id
  returning job.status
  ), ${take}
  select now_.status as ended_as, next.*
  from (select (${statusNow('$6', '$7')}) as status) as now_ left join (${selectJob('taken')}) as next on true`,
);

/** Statements of a holder, who is told by $1 and $2, that end its attempt. */
function endByHolder(end: Omit<Parameters<typeof endOfAttempt>[0], 'where'>): string {
  return `with ${endOfAttempt({ ...end, where: 'id = $1 and lease_token = $2' })} ${statusNow('$1', '$2')}`;
}

const failJob = prepared<StatusRow>(
  'fail_job',
  endByHolder({ again: 'false', delay: '0', errorCode: '$3', errorDetail: '$4', errorOutput: '$5', set: [] }),
);

const retryJob = prepared<StatusRow>(
  'retry_job',
  endByHolder({ again: 'attempt < max_attempts', delay: backoff('attempt', 300), errorCode: '$3', errorDetail: '$4', set: [] }),
);

const postponeJob = prepared<StatusRow>(
  'postpone_job',
  endByHolder({
    again: `started_at > now() - interval '1 day'`,
    delay: `least(greatest(extract(epoch from now() - started_at)::float8 / 2, 1), 60) * (0.5 + random() / 2)`,
    errorCode: '$3',
    errorDetail: '$4',
    set: [`attempt = attempt - (held.next = 'queued')::integer`],
  }),
);

const crashJob = prepared<StatusRow>(
  'crash_job',
  endByHolder({
    again: `$3 <> 'processing_timeout' and ${triesLeft}`,
    delay: backoff('crash_count', 60),
    errorCode: '$3',
    errorDetail: '$4',
    set: ['crash_count = crash_count + 1'],
  }),
);

const releaseJob = prepared<StatusRow>(
  'release_job',
  endByHolder({ again: 'true', delay: '0', errorCode: 'null', errorDetail: 'null', set: ['attempt = attempt - 1'] }),
);
