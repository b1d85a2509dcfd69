/** A database for the model-based test: what can be seen of all jobs in it, and time that goes only when it is told to. */
import { Batches } from '../batches.js';
import { JobLeases } from '../job-leases.js';
import type { Job } from '../job.entity.js';
import { JobDatabase } from './job-database.js';
import type { JobModel } from './job-model.js';
import type { SeenBatch, SeenJob } from './seen-jobs.js';

const endpoint = '00000000-0000-4000-9000-000000000000';

export class ModelledJobs {
  readonly batches: Batches;

  private constructor(readonly database: JobDatabase) {
    this.batches = new Batches(database.dataSource);
  }

  static async open(): Promise<ModelledJobs> {
    const database = await JobDatabase.open();
    await database.dataSource.query(
      `insert into webhook_endpoint (id, url, secret, registered, lane) values ($1, 'https://example.com', 'secret', true, $1)`,
      [endpoint],
    );
    return new ModelledJobs(database);
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** Whose claims look at the classes of priority in this order. */
  leases(order: readonly number[]): JobLeases {
    return new JobLeases(this.database.dataSource, () => order);
  }

  async clear(): Promise<void> {
    await this.database.dataSource.query('delete from batch');
    await this.database.dataSource.query('delete from job');
  }

  async limit({ id }: Job, attempts: number | null, crashes: number | null): Promise<void> {
    await this.database.dataSource.query(
      'update job set max_attempts = coalesce($2, max_attempts), max_crashes = coalesce($3, max_crashes) where id = $1',
      [id, attempts, crashes],
    );
  }

  async passTime(id: string, isLong: boolean): Promise<void> {
    await this.database.passTime({ id });
    if (isLong)
      await this.database.dataSource.query(`update job set started_at = started_at - interval '1 day' where id = $1`, [id]);
  }

  /** Rejects when the database differs from the model. */
  async expectToBe(model: JobModel): Promise<void> {
    await this.#expectPauses(model);
    if (model.batches.length > 0) await this.#expectBatches(model);
    const rows = await this.database.dataSource.query<{ seen: SeenJob; webhooks: string[] | null }[]>(seenJobs);
    expect(rows.map(({ seen }) => seen)).toEqual(model.jobs);
    const ends = model.jobs.map(({ history }) => history.filter(({ status }) => status !== 'queued' && status !== 'running'));
    expect(rows.map(({ webhooks }) => webhooks ?? [])).toEqual(
      ends.map((all) => all.map(({ status }) => `job.${status}`).toSorted()),
    );
  }

  async #expectBatches({ batches }: JobModel): Promise<void> {
    const seen = await this.database.dataSource.query<SeenBatch[]>(seenBatches);
    expect(seen).toEqual(batches);
  }

  /** Looks at the pauses that have just begun, and makes them last until time is passed. */
  async #expectPauses({ pauses }: JobModel): Promise<void> {
    if (pauses.size === 0) return;
    const rows = await this.database.dataSource.query<{ id: string; seconds: number }[]>(extendPauses, [[...pauses.keys()]]);
    expect(rows).toHaveLength(pauses.size);
    for (const { id, seconds } of rows) {
      const [least, most] = pauses.get(id) ?? [0, 0];
      expect(seconds).toBeGreaterThanOrEqual(least);
      expect(seconds).toBeLessThanOrEqual(most);
    }
    pauses.clear();
  }
}

/** A row for each job, in the order of their ids: a SeenJob, and the webhooks that have been written for it. */
const seenJobs = `select
    jsonb_build_object(
      'id', id, 'batchId', batch_id, 'priority', priority, 'status', status, 'attempt', attempt, 'maxAttempts', max_attempts, 'generation', generation,
      'retries', retries, 'crashCount', crash_count, 'maxCrashes', max_crashes, 'token', lease_token, 'workerId', worker_id,
      'isExpired', coalesce(lease_expires_at < now(), false), 'cancelRequested', cancel_requested_at is not null,
      'stage', stage, 'outputsDone', outputs_done, 'errorCode', error_code, 'errorOutput', error_output,
      'lastErrorCode', last_error_code, 'version', version,
      'sourceKey', (select storage_key from input where job_id = job.id and position = 0),
      'outputs', (
        select jsonb_agg(jsonb_build_object('name', name, 'status', output.status, 'storageKey', storage_key,
          'errorCode', output.error_code) order by position)
        from output where job_id = job.id),
      'history', coalesce((
        select jsonb_agg(jsonb_build_object('version', event.version, 'status', event.status, 'retries', event.retries,
          'attempt', event.attempt, 'workerId', event.worker_id, 'errorCode', event.error_code) order by event.version)
        from job_event event where job_id = job.id), '[]')
    ) as seen,
    (select array_agg(type order by type) from webhook_delivery where job_id = job.id) as webhooks
  from job order by id`;

const seenBatches = `select id, total, unfinished,
    (select count(*)::integer from webhook_delivery where batch_id = batch.id) as ends
  from batch order by created_at, id`;

const extendPauses = `with paused as (
    select id, extract(epoch from run_at - (select max(at) from job_event where job_id = job.id))::float8 as seconds
    from job where id = any($1)
  ), extended as (
    update job set run_at = 'infinity' from paused where job.id = paused.id
  )
  select * from paused`;
