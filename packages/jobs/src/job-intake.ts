import { referenceKey, references, type ImageReference, type Output } from '@tintype/operations';
import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import { filesOf } from './files-of-job.js';
import type { Job } from './job.entity.js';
import { GatheredCalls } from './gathered-calls.js';
import { IdempotencyKeyLostError, type IdempotencyAnswer } from './idempotency-keys.js';
import { jobIsRead } from './in-use.js';
import { insertJobs, type InsertedJob, type JobToInsert } from './insert-jobs.js';
import { jobFromRow } from './job-rows.js';
import { priorities, type Priority } from './priority.js';
import { retryFailed } from './retry-failed.js';
import type { Status } from './status.js';
import type { StoredFile } from './stored-file.js';

/** An image that the worker is to fetch. */
export interface SourceUrl {
  readonly url: string;
}

export type NewSource = StoredFile | ImageReference | SourceUrl;

export interface NewJob {
  /** UUIDv7; default: a new one. */
  readonly id?: string;
  readonly source: NewSource;
  /** Presets expanded; the second images that they name are looked up. */
  readonly outputs: readonly Output[];
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Default: normal. */
  readonly priority?: Priority | undefined;
  /** The endpoint that is told of its end, beside those that are told of every job. */
  readonly webhookEndpointId?: string | undefined;
  /** Held since `IdempotencyKeys.begin`; from now on it stands for this job. */
  readonly idempotency?: IdempotencyAnswer | undefined;
  readonly requestId?: string | undefined;
  /** W3C `traceparent`. */
  readonly trace?: string | undefined;
}

/** Images that a new job names do not exist, or are not those of a completed output. Nothing was created. */
export class ReferencesNotFoundError extends Error {
  override readonly name = 'ReferencesNotFoundError';
  readonly references: readonly ImageReference[];

  constructor(missing: readonly ImageReference[]) {
    super(`no such image: ${missing.map(referenceKey).join(', ')}`);
    this.references = missing;
  }
}

export type CancelOutcome = 'canceled' | 'canceling' | 'finished' | 'not_found';

export interface RetryOutcome {
  readonly outcome: 'retried' | 'not_failed' | 'expired' | 'in_use' | 'not_found';
  /** Files of outputs that are made again: to be deleted from the storage now. */
  readonly keys: readonly string[];
}

export interface DeleteOutcome {
  readonly outcome: 'deleted' | 'not_found' | 'running' | 'in_use';
  /** Files that belonged to the job alone: to be deleted from the storage now. */
  readonly keys: readonly string[];
}

/** What clients do with jobs. */
export class JobIntake {
  private readonly inserts: GatheredCalls<JobToInsert, InsertedJob>;

  constructor(private readonly dataSource: DataSource) {
    this.inserts = new GatheredCalls((jobs) => insertJobs(dataSource, jobs));
  }

  /** Accepts a job, durably. Rejects with ReferencesNotFoundError or IdempotencyKeyLostError. */
  async create(job: NewJob): Promise<Job> {
    const row = jobRow(job);
    return createdJob(this.dataSource, row, await this.inserts.run(row));
  }

  /** A queued job is canceled at once; the worker of a running one learns of it at its next heartbeat. */
  async cancel(id: string): Promise<CancelOutcome> {
    const [row] = await this.dataSource.query<{ changed: boolean; status: Status }[]>(cancelJob, [id]);
    if (!row) return 'not_found';
    if (row.status === 'canceled') return 'canceled';
    return row.changed ? 'canceling' : 'finished';
  }

  /**
   * Has a failed job tried again, as if it were new, under its old id: all its outputs are made again. Refused when it has not failed
   * (`not_failed`), when its files were deleted because of their age (`expired`), and while an unfinished job reads one of its
   * outputs (`in_use`).
   */
  async retry(id: string): Promise<RetryOutcome> {
    return this.dataSource.transaction(async (manager) => {
      const [job] = await manager.query<{ status: Status; expired: boolean }[]>(lockJobToRetry, [id]);
      if (job?.status !== 'failed') return { outcome: job ? 'not_failed' : 'not_found', keys: [] };
      if (job.expired) return { outcome: 'expired', keys: [] };
      const { retried, keys } = await retryFailed(manager, [id]);
      return { outcome: retried === 1 ? 'retried' : 'in_use', keys };
    });
  }

  /** Refused while the job is running (`running`), and while an unfinished job reads one of its outputs (`in_use`). */
  async delete(id: string): Promise<DeleteOutcome> {
    return this.dataSource.transaction(async (manager) => {
      // The lock waits for claims and for jobs that are just being created from its outputs, and makes later ones wait.
      const [job] = await manager.query<{ status: Status }[]>('select status from job where id = $1 for update', [id]);
      if (!job) return { outcome: 'not_found', keys: [] };
      if (job.status === 'running') return { outcome: 'running', keys: [] };
      const [deleted] = await manager.query<{ keys: string[] }[]>(deleteJob, [id]);
      return deleted ? { outcome: 'deleted', keys: deleted.keys } : { outcome: 'in_use', keys: [] };
    });
  }
}

/** What is inserted for a job. `batchId`: of a batch that is there. */
export function jobRow({ id = uuidv7(), source, ...job }: NewJob, batchId: string | null = null): JobToInsert {
  const images = [source, ...references(job.outputs)];
  return {
    id,
    priority: priorities[job.priority ?? 'normal'],
    metadata: job.metadata ?? {},
    request_id: job.requestId ?? null,
    trace: job.trace ?? null,
    batch_id: batchId,
    webhook_endpoint_id: job.webhookEndpointId ?? null,
    idempotency_key: job.idempotency?.key ?? null,
    idempotency_token: job.idempotency?.token ?? null,
    fingerprint: job.idempotency?.fingerprint ?? null,
    outputs: job.outputs.map((spec, position) => ({ job_id: id, position, name: spec.name, spec })),
    inputs: images.map((image, position) => ({
      job_id: id,
      position,
      role: position === 0 ? 'source' : 'overlay',
      ...inputColumns(image),
    })),
  };
}

/** Throws ReferencesNotFoundError or IdempotencyKeyLostError where the job was not inserted. */
export function createdJob(dataSource: DataSource, row: JobToInsert, inserted: InsertedJob): Job {
  const inputs = inserted.inputs.filter((input) => input !== undefined);
  if (inserted.job) return jobFromRow(dataSource, { ...row, ...inserted.job, inputs });
  const missing = missingReferences(row, inserted);
  throw missing.length > 0 ? new ReferencesNotFoundError(missing) : new IdempotencyKeyLostError();
}

export function missingReferences(row: JobToInsert, { inputs }: InsertedJob): ImageReference[] {
  return row.inputs.flatMap((input, at) => (inputs[at] ? [] : referenceOf(input)));
}

function inputColumns(image: NewSource): Readonly<Record<string, unknown>> {
  if ('url' in image) return { url: image.url };
  if ('upload_id' in image) return { upload_id: image.upload_id };
  if ('job_id' in image) return { from_job_id: image.job_id, from_output: image.output };
  const { storageKey: storage_key, sha256, bytes, format } = image;
  return { storage_key, sha256, bytes, format };
}

function referenceOf({ upload_id, from_job_id: job_id, from_output: output }: JobToInsert['inputs'][number]): ImageReference[] {
  if (typeof upload_id === 'string') return [{ upload_id }];
  return typeof job_id === 'string' && typeof output === 'string' ? [{ job_id, output }] : [];
}

const cancelJob = `with changed as (
    update job set
      status = case status when 'queued' then 'canceled' else status end,
      finished_at = case status when 'queued' then now() end,
      cancel_requested_at = coalesce(cancel_requested_at, now())
    where id = $1 and status in ('queued', 'running')
    returning status
  )
  select true as changed, status from changed
  union all
  select false, status from job where id = $1 and not exists (select from changed)`;

const lockJobToRetry = 'select status, results_expired_at is not null as expired from job where id = $1 for update';

const deleteJob = `with deleted as (
    delete from job where id = $1 and not ${jobIsRead('$1')}
    returning results_expired_at
  )
  select case when results_expired_at is null then ${filesOf('$1')} else '{}' end as keys from deleted`;
