import { referenceKey, references, type ImageReference, type Output } from '@tintype/operations';
import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import type { Job } from './job.entity.js';
import { jobFromRow, type JobRow } from './job-rows.js';
import { prepared } from './prepared.js';
import type { Status } from './status.js';

/** A file that came with the job and is stored. */
export interface StoredFile {
  readonly storageKey: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** As its first bytes told. */
  readonly format: string;
}

export interface NewJob {
  /** UUIDv7; default: a new one. */
  readonly id?: string;
  readonly source: StoredFile | ImageReference;
  /** Presets expanded; the second images that they name are looked up. */
  readonly outputs: readonly Output[];
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly priority?: number | undefined;
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

export interface DeleteOutcome {
  readonly outcome: 'deleted' | 'not_found' | 'running' | 'in_use';
  /** Files that belonged to the job alone: to be deleted from the storage now. */
  readonly keys: readonly string[];
}

/** What clients do with jobs. */
export class JobIntake {
  constructor(private readonly dataSource: DataSource) {}

  /** Accepts a job, durably. Rejects with ReferencesNotFoundError. */
  async create(job: NewJob): Promise<Job> {
    const id = job.id ?? uuidv7();
    const images = [job.source, ...references(job.outputs)];
    const outputs = job.outputs.map((spec, position) => ({ job_id: id, position, name: spec.name, spec, status: 'queued' }));
    const [row] = await insertJob(this.dataSource, [
      id,
      job.priority ?? 0,
      JSON.stringify(job.metadata ?? {}),
      job.requestId ?? null,
      job.trace ?? null,
      JSON.stringify(outputs),
      JSON.stringify(images.map((image, position) => ({ position, ...inputColumns(image) }))),
    ]);
    if (row?.id) return jobFromRow(this.dataSource, { ...row, outputs });
    const found = row?.inputs?.map((input) => input['storage_key'] !== null);
    throw new ReferencesNotFoundError(images.filter((image, at): image is ImageReference => !isFile(image) && !found?.[at]));
  }

  /** A queued job is canceled at once; the worker of a running one learns of it at its next heartbeat. */
  async cancel(id: string): Promise<CancelOutcome> {
    const [row] = await this.dataSource.query<{ changed: boolean; status: Status }[]>(cancelJob, [id]);
    if (!row) return 'not_found';
    if (row.status === 'canceled') return 'canceled';
    return row.changed ? 'canceling' : 'finished';
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

function isFile(image: StoredFile | ImageReference): image is StoredFile {
  return 'storageKey' in image;
}

function inputColumns(image: StoredFile | ImageReference): Readonly<Record<string, unknown>> {
  if ('upload_id' in image) return { upload_id: image.upload_id };
  if ('job_id' in image) return { from_job_id: image.job_id, from_output: image.output };
  const { storageKey: storage_key, sha256, bytes, format } = image;
  return { storage_key, sha256, bytes, format };
}

/** Without an id where nothing was inserted. */
type InsertedJob = JobRow & { readonly id: string | null };

/**
 * Everything in one trip: looks up the images that are named, and inserts the job if all were found. Their locks keep others from
 * deleting them until the job's own rows protect them; they are taken in one order, so that two jobs with the same images do not
 * wait for each other. Laterally, as the planner does not know how few they are and would read whole tables to join them.
 */
const insertJob = prepared<InsertedJob>(
  'insert_job',
  `with wanted as (
    select * from jsonb_to_recordset($7::jsonb) as item(
      position smallint, storage_key text, sha256 text, bytes bigint, format text,
      upload_id uuid, from_job_id uuid, from_output text)
    order by upload_id, from_job_id
  ), found as (
    select $1::uuid as job_id, wanted.position, case wanted.position when 0 then 'source' else 'overlay' end as role,
      coalesce(wanted.storage_key, uploaded.storage_key, made.storage_key) as storage_key,
      coalesce(wanted.sha256, uploaded.sha256, made.sha256) as sha256,
      coalesce(wanted.bytes, uploaded.bytes, made.bytes) as bytes,
      coalesce(wanted.format, uploaded.format, made.format) as format,
      wanted.upload_id, wanted.from_job_id, wanted.from_output
    from wanted
    left join lateral (
      select storage_key, sha256, bytes, format from upload where id = wanted.upload_id for key share
    ) as uploaded on true
    left join lateral (
      select output.storage_key, output.sha256, output.bytes, output.format
      from job join output on output.job_id = job.id
      where job.id = wanted.from_job_id and output.name = wanted.from_output
        and output.status = 'completed' and output.storage_key is not null
      for key share of job
    ) as made on true
  ), new_job as (
    insert into job (id, priority, metadata, request_id, trace)
    select $1, $2, $3, $4, $5 where not exists (select from found where storage_key is null)
    returning *
  ), new_output as (
    insert into output (job_id, position, name, spec)
    select new_job.id, item.position, item.name, item.spec
    from new_job, jsonb_to_recordset($6::jsonb) as item(position smallint, name text, spec jsonb)
  ), new_input as (
    insert into input (job_id, position, role, storage_key, sha256, bytes, format, upload_id, from_job_id, from_output)
    select found.* from new_job, found
  )
  select new_job.*, images.inputs
  from (select json_agg(found order by position) as inputs from found) as images left join new_job on true`,
);

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

const deleteJob = `with deleted as (
    delete from job where id = $1 and not exists (
      select from input join job reader on reader.id = input.job_id
      where input.from_job_id = $1 and reader.finished_at is null)
    returning id
  )
  select array(
    select storage_key from output where job_id = $1 and storage_key is not null
    union all
    select storage_key from input where job_id = $1 and upload_id is null and from_job_id is null
  ) as keys from deleted`;
