import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import { Batch } from './batch.entity.js';
import { IdempotencyKeyLostError, type IdempotencyAnswer } from './idempotency-keys.js';
import { insertJobs } from './insert-jobs.js';
import { jobRow, missingReferences, ReferencesNotFoundError, type NewJob } from './job-intake.js';
import type { JobPosition } from './job-reader.js';
import { entityFromRow } from './job-rows.js';
import { retryFailed, type RetriedJobs } from './retry-failed.js';
import { ofKind } from './statements.js';
import type { Status } from './status.js';

export interface NewBatch {
  /** At least one. Their own idempotency is not looked at. */
  readonly jobs: readonly NewJob[];
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** The endpoint that is told of its end, beside those that are told of every batch. */
  readonly webhookEndpointId?: string | undefined;
  /** Held since `IdempotencyKeys.begin`; from now on it stands for this batch. */
  readonly idempotency?: IdempotencyAnswer | undefined;
  readonly requestId?: string | undefined;
}

/** A batch, and how many of its jobs are in each state. */
export interface CountedBatch {
  readonly batch: Batch;
  readonly jobs: Readonly<Record<Status, number>>;
}

export interface BatchPage {
  /** Newest first. */
  readonly batches: readonly CountedBatch[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: JobPosition;
}

/** Jobs that come with one request and are asked about, canceled and tried again as a whole. */
export class Batches {
  constructor(private readonly dataSource: DataSource) {}

  /** Accepts all its jobs, durably, or none: rejects with ReferencesNotFoundError or IdempotencyKeyLostError. */
  async create({ jobs, ...batch }: NewBatch): Promise<CountedBatch> {
    const id = uuidv7();
    const rows = jobs.map((job) => jobRow({ ...job, idempotency: undefined }, id));
    const { key, token, fingerprint } = batch.idempotency ?? {};
    const values = [id, batch.metadata ?? {}, rows.length, batch.webhookEndpointId, batch.requestId, key, token, fingerprint];
    return this.dataSource.transaction(async (manager) => {
      const [row] = await manager.query<Row[]>(
        insertBatch,
        values.map((value) => value ?? null),
      );
      if (!row) throw new IdempotencyKeyLostError();
      const inserted = await insertJobs(manager, rows);
      const missing = inserted.flatMap((job, index) => missingReferences(rows[index] as (typeof rows)[number], job));
      if (missing.length > 0) throw new ReferencesNotFoundError(missing);
      return this.fromRow({ ...row, jobs: { queued: rows.length } });
    });
  }

  async find(id: string): Promise<CountedBatch | undefined> {
    const [row] = await this.dataSource.query<BatchRow[]>(findBatch, [id]);
    return row && this.fromRow(row);
  }

  async list({ limit, after }: { limit: number; after?: JobPosition | undefined }): Promise<BatchPage> {
    const rows = await this.dataSource.query<BatchRow[]>(listBatches, [after?.createdAt ?? null, after?.id ?? null, limit + 1]);
    const batches = rows.slice(0, limit).map((row) => this.fromRow(row));
    const last = batches.at(-1)?.batch;
    return rows.length > limit && last ? { batches, next: { createdAt: last.createdAt, id: last.id } } : { batches };
  }

  /** As `JobIntake.cancel`, of all its unfinished jobs; `finished`: there were none. */
  async cancel(id: string): Promise<'canceling' | 'finished' | 'not_found'> {
    const [row] = await this.dataSource.query<{ canceled: number }[]>(cancelBatch, [id]);
    if (!row) return 'not_found';
    return row.canceled > 0 ? 'canceling' : 'finished';
  }

  /** As `JobIntake.retry`, of all its failed jobs: those that it would refuse are left alone. Undefined: there is no such batch. */
  async retryFailed(id: string): Promise<RetriedJobs | undefined> {
    return this.dataSource.transaction(async (manager) => {
      const [batch] = await manager.query<unknown[]>('select from batch where id = $1', [id]);
      if (!batch) return undefined;
      const failed = await manager.query<{ id: string }[]>(lockFailedJobs, [id]);
      return retryFailed(
        manager,
        failed.map((job) => job.id),
      );
    });
  }

  private fromRow(row: BatchRow): CountedBatch {
    return { batch: entityFromRow(this.dataSource, Batch, row), jobs: { ...noJobs, ...row.jobs } };
  }
}

type Row = Readonly<Record<string, unknown>>;
type BatchRow = Row & { readonly jobs: Partial<Record<Status, number>> | null };

const noJobs = { queued: 0, running: 0, completed: 0, failed: 0, canceled: 0 } as const satisfies Record<Status, number>;

const insertBatch = ofKind(
  'create_job',
  `with answered as (
    update idempotency_key set fingerprint = $8, batch_id = $1
    where route = 'batches' and key = $6 and token = $7 and fingerprint is null
    returning batch_id
  )
  insert into batch (id, metadata, total, unfinished, webhook_endpoint_id, request_id)
  select $1, $2, $3, $3, $4, $5 where $7::uuid is null or exists (select from answered)
  returning *`,
);

const selectBatch = `select batch.*, (
    select json_object_agg(status, number) from (
      select status, count(*) as number from job where batch_id = batch.id group by status
    ) as counted
  ) as jobs
  from batch`;

const findBatch = ofKind('read', `${selectBatch} where id = $1`);

const listBatches = ofKind(
  'read',
  `${selectBatch}
  where $1::timestamptz is null or (created_at, id) < ($1, $2::uuid)
  order by created_at desc, id desc
  limit $3`,
);

// Jobs are locked in one order, and their batch, which their triggers count in, after them: so nobody waits for each other.
const cancelBatch = `with unfinished as (
    select id from job where batch_id = $1 and status in ('queued', 'running') order by id for no key update
  ), changed as (
    update job set
      status = case status when 'queued' then 'canceled' else status end,
      finished_at = case status when 'queued' then now() end,
      cancel_requested_at = coalesce(cancel_requested_at, now())
    from unfinished where job.id = unfinished.id
    returning job.id
  )
  select (select count(*)::integer from changed) as canceled from batch where id = $1`;

const lockFailedJobs = `select id from job where batch_id = $1 and status = 'failed' and results_expired_at is null
  order by id for update`;
