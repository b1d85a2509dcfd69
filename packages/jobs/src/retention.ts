import type { DataSource } from 'typeorm';
import { filesOf } from './files-of-job.js';
import { exists, jobIsRead, uploadIsRead } from './in-use.js';

/** What was taken out of the database. */
export interface Removed {
  readonly rows: number;
  /** Files that belonged to these rows alone: to be deleted from the storage now. */
  readonly keys: readonly string[];
}

/**
 * Takes away what has become old, at most `limit` rows at a time and the oldest first. Every worker may do it at the same time as
 * others: they leave each other's rows alone. Ages are in seconds.
 *
 * Nothing goes that an unfinished job reads. What is about to go is locked, which waits for jobs that are just being created from it
 * and makes later ones wait; whether it is read is then asked once more, by a statement that sees all that was committed until then.
 */
export class Retention {
  constructor(private readonly dataSource: DataSource) {}

  /** The files of jobs that ended longer ago. The jobs stay, and tell that their results are gone. */
  expireResults(age: number, limit: number): Promise<Removed> {
    return this.#remove(expiring, expire, age, limit);
  }

  /** Jobs that ended longer ago, with all their rows; not while a webhook is still to be told of the end. */
  deleteJobs(age: number, limit: number): Promise<Removed> {
    return this.#remove(oldJobs, deleteJobs, age, limit);
  }

  /** Uploads that were stored longer ago, and named by no job since. */
  deleteUploads(age: number, limit: number): Promise<Removed> {
    return this.#remove(oldUploads, deleteUploads, age, limit);
  }

  /** Batches that ended longer ago and have no jobs any more. */
  deleteBatches(age: number, limit: number): Promise<Removed> {
    return this.#remove(oldBatches, deleteBatches, age, limit);
  }

  /** Endpoints that came with jobs or batches longer ago, all of which are gone. */
  deleteEndpoints(age: number, limit: number): Promise<Removed> {
    return this.#remove(oldEndpoints, deleteEndpoints, age, limit);
  }

  /** The log of deliveries that ended longer ago, whatever became of them. */
  deleteDeliveries(age: number, limit: number): Promise<Removed> {
    return this.#delete(deleteDeliveries, age, limit);
  }

  /** Idempotency keys that were first sent longer ago, unless a request is being answered under one. */
  deleteIdempotencyKeys(age: number, limit: number): Promise<Removed> {
    return this.#delete(deleteIdempotencyKeys, age, limit);
  }

  async #remove(select: string, remove: string, age: number, limit: number): Promise<Removed> {
    return this.dataSource.transaction(async (manager) => {
      const locked = await manager.query<{ id: string }[]>(select, [age, limit]);
      if (locked.length === 0) return { rows: 0, keys: [] };
      const rows = await manager.query<{ keys: string[] }[]>(remove, [locked.map(({ id }) => id)]);
      return { rows: rows.length, keys: rows.flatMap(({ keys }) => keys) };
    });
  }

  /** For what no job can come to refer to. */
  async #delete(statement: string, age: number, limit: number): Promise<Removed> {
    const [row] = await this.dataSource.query<{ rows: number }[]>(statement, [age, limit]);
    return { rows: row?.rows ?? 0, keys: [] };
  }
}

const before = 'now() - make_interval(secs => $1)';
const lock = 'limit $2 for update skip locked';

const expiring = `select id from job
  where finished_at < ${before} and results_expired_at is null and not ${jobIsRead('job.id')}
  order by finished_at ${lock}`;

const expire = `with expired as (
    update job set results_expired_at = now(), version = version + 1
    where id = any($1) and not ${jobIsRead('job.id')}
    returning id
  )
  select ${filesOf('expired.id')} as keys from expired`;

const isUntold = exists(`from webhook_delivery where job_id = job.id and status = 'pending'`);

// By created_at, as there is an index: the oldest jobs are those that are to go.
const oldJobs = `select id from job
  where created_at < ${before} and finished_at < ${before} and not ${isUntold} and not ${jobIsRead('job.id')}
  order by created_at, id ${lock}`;

const deleteJobs = `with deleted as (
    delete from job where id = any($1) and not ${isUntold} and not ${jobIsRead('job.id')}
    returning id, results_expired_at
  )
  select case when results_expired_at is null then ${filesOf('deleted.id')} else '{}' end as keys from deleted`;

// The latest job is found at once, however many there are; only uploads without a late one are worth a look at all their jobs.
const oldUploads = `select id from upload
  where created_at < ${before} and coalesce((
      select (select created_at from job where id = job_id) from input where upload_id = upload.id order by job_id desc limit 1
    ) < ${before}, true) and not ${uploadIsRead('upload.id')}
  order by created_at ${lock}`;

const deleteUploads = `with deleted as (
    delete from upload where id = any($1) and not ${uploadIsRead('upload.id')}
    returning storage_key
  )
  select array[storage_key] as keys from deleted`;

const isUsedBatch = `(${exists('from job where batch_id = batch.id')}
    or ${exists(`from webhook_delivery where batch_id = batch.id and status = 'pending'`)})`;

const oldBatches = `select id from batch where finished_at < ${before} and not ${isUsedBatch} order by finished_at ${lock}`;

const deleteBatches = `with deleted as (
    delete from batch where id = any($1) and not ${isUsedBatch}
    returning id
  )
  select '{}'::text[] as keys from deleted`;

const isUsedEndpoint = `(${exists('from job where webhook_endpoint_id = webhook_endpoint.id')}
    or ${exists('from batch where webhook_endpoint_id = webhook_endpoint.id')}
    or ${exists('from webhook_delivery where endpoint_id = webhook_endpoint.id')})`;

const oldEndpoints = `select id from webhook_endpoint
  where not registered and created_at < ${before} and not ${isUsedEndpoint}
  order by created_at ${lock}`;

const deleteEndpoints = `with deleted as (
    delete from webhook_endpoint where id = any($1) and not ${isUsedEndpoint}
    returning id
  )
  select '{}'::text[] as keys from deleted`;

const deleteDeliveries = `with old as (
    select id from webhook_delivery where created_at < ${before} and finished_at < ${before}
    order by created_at, id ${lock}
  ), deleted as (
    delete from webhook_delivery using old where webhook_delivery.id = old.id
    returning 1
  )
  select count(*)::integer as rows from deleted`;

const deleteIdempotencyKeys = `with old as (
    select route, key from idempotency_key where created_at < ${before} and locked_until < now()
    order by created_at ${lock}
  ), deleted as (
    delete from idempotency_key using old where idempotency_key.route = old.route and idempotency_key.key = old.key
    returning 1
  )
  select count(*)::integer as rows from deleted`;
