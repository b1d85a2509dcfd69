import { referenceKey, references, type ImageReference, type Output } from '@tintype/operations';
import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import type { Job } from './job.entity.js';
import { Batches } from './batches.js';
import { insertJobs, type InsertedJob, type JobToInsert } from './insert-jobs.js';
import { jobFromRow } from './job-rows.js';
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
  private readonly inserts: Batches<JobToInsert, InsertedJob>;

  constructor(private readonly dataSource: DataSource) {
    this.inserts = new Batches((jobs) => insertJobs(dataSource, jobs));
  }

  /** Accepts a job, durably. Rejects with ReferencesNotFoundError. */
  async create({ id = uuidv7(), source, ...job }: NewJob): Promise<Job> {
    const images = [source, ...references(job.outputs)];
    const row: JobToInsert = {
      id,
      priority: job.priority ?? 0,
      metadata: job.metadata ?? {},
      request_id: job.requestId ?? null,
      trace: job.trace ?? null,
      outputs: job.outputs.map((spec, position) => ({ job_id: id, position, name: spec.name, spec })),
      inputs: images.map((image, position) => ({
        job_id: id,
        position,
        role: position === 0 ? 'source' : 'overlay',
        ...inputColumns(image),
      })),
    };
    const inserted = await this.inserts.run(row);
    const inputs = inserted.inputs.filter((input) => input !== undefined);
    if (inserted.job) return jobFromRow(this.dataSource, { ...row, ...inserted.job, inputs });
    throw new ReferencesNotFoundError(
      images.filter((image, at): image is ImageReference => !isFile(image) && !inserted.inputs[at]),
    );
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
