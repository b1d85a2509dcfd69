/** Accepting jobs: one trip to the database for all that is needed, and for several jobs. */
import type { QueryResultRow } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { prepared, type Run } from './prepared.js';

type Row = Readonly<Record<string, unknown>>;

export interface JobToInsert {
  readonly id: string;
  readonly priority: number;
  readonly metadata: Row;
  readonly request_id: string | null;
  readonly trace: string | null;
  readonly batch_id: string | null;
  readonly webhook_endpoint_id: string | null;
  /** A key that must still be held by the token; the job is then what it stands for. */
  readonly idempotency_key: string | null;
  readonly idempotency_token: string | null;
  readonly fingerprint: string | null;
  readonly outputs: readonly (Row & { readonly name: string; readonly spec: unknown })[];
  /** The source first. A file, or where to find one: a URL, an upload, or an output of an earlier job. */
  readonly inputs: readonly Row[];
}

export interface InsertedJob {
  /** What the database gave to the job; undefined where nothing was inserted, as an input was not found, or the key is another's. */
  readonly job: Row | undefined;
  /** By position; undefined for one that was not found. */
  readonly inputs: readonly (Row | undefined)[];
}

/** Inserts each job whose inputs all exist. Nobody can delete these meanwhile, and afterwards the job's own rows protect them. */
export async function insertJobs(dataSource: DataSource | EntityManager, jobs: readonly JobToInsert[]): Promise<InsertedJob[]> {
  const columns = jobs.map(({ outputs: _outputs, inputs: _inputs, ...job }) => job);
  const outputs = jobs.flatMap((job) => job.outputs);
  const inputs = jobs.flatMap((job) => job.inputs);
  const rows = await insert(
    dataSource,
    [columns, outputs, inputs].map((items) => JSON.stringify(items)),
  );
  const rowsOf = new Map<string, FoundRow[]>(jobs.map(({ id }) => [id, []]));
  for (const row of rows) rowsOf.get(row.job_id)?.push(row);
  return jobs.map((job) => insertedJob(job, rowsOf.get(job.id) ?? []));
}

function insertedJob(job: JobToInsert, rows: readonly FoundRow[]): InsertedJob {
  const [first] = rows;
  return {
    job: first?.created_at ? { run_at: first.run_at, created_at: first.created_at } : undefined,
    inputs: rows.map(({ is_missing, storage_key, sha256, bytes, format }, position) =>
      is_missing ? undefined : { ...job.inputs[position], storage_key, sha256, bytes, format },
    ),
  };
}

/** One for each input. */
interface FoundRow extends QueryResultRow {
  readonly job_id: string;
  readonly is_missing: boolean;
  readonly storage_key: string | null;
  readonly sha256: string | null;
  readonly bytes: string | null;
  readonly format: string | null;
  readonly run_at: Date | null;
  readonly created_at: Date | null;
}

/**
 * A job that a client just has tried again is not finished when its lock comes free, though its output still looks completed.
 * Locks are taken in one order, so that two batches with the same images do not wait for each other. It looks up laterally, as
 * the planner does not know how few images there are, and would read whole tables to join them.
 */
const insert: Run<FoundRow> = prepared(
  'insert_jobs',
  `with wanted as (
    select * from jsonb_to_recordset($3::jsonb) as item(
      job_id uuid, position smallint, role text, storage_key text, sha256 text, bytes bigint, format text,
      url text, upload_id uuid, from_job_id uuid, from_output text)
    order by upload_id, from_job_id
  ), found as (
    select wanted.job_id, wanted.position, wanted.role,
      coalesce(wanted.storage_key, uploaded.storage_key, made.storage_key) as storage_key,
      coalesce(wanted.sha256, uploaded.sha256, made.sha256) as sha256,
      coalesce(wanted.bytes, uploaded.bytes, made.bytes) as bytes,
      coalesce(wanted.format, uploaded.format, made.format) as format,
      coalesce(wanted.url, wanted.storage_key, uploaded.storage_key, made.storage_key) is null as is_missing,
      wanted.url, wanted.upload_id, wanted.from_job_id, wanted.from_output
    from wanted
    left join lateral (
      select storage_key, sha256, bytes, format from upload where id = wanted.upload_id for key share
    ) as uploaded on true
    left join lateral (
      select output.storage_key, output.sha256, output.bytes, output.format
      from job join output on output.job_id = job.id
      where job.id = wanted.from_job_id and output.name = wanted.from_output
        and output.status = 'completed' and output.storage_key is not null and job.finished_at is not null
        and job.results_expired_at is null
      for key share of job
    ) as made on true
  ), complete as (
    select item.* from jsonb_to_recordset($1::jsonb) as item(
      id uuid, priority smallint, metadata jsonb, request_id text, trace text, batch_id uuid, webhook_endpoint_id uuid,
      idempotency_key text, idempotency_token uuid, fingerprint text)
    where not exists (select from found where found.job_id = item.id and found.is_missing)
  ), answered as (
    update idempotency_key set fingerprint = complete.fingerprint, job_id = complete.id
    from complete
    where idempotency_key.route = 'jobs' and idempotency_key.key = complete.idempotency_key
      and idempotency_key.token = complete.idempotency_token and idempotency_key.fingerprint is null
    returning idempotency_key.job_id
  ), new_job as (
    insert into job (id, priority, metadata, request_id, trace, batch_id, webhook_endpoint_id)
    select id, priority, metadata, request_id, trace, batch_id, webhook_endpoint_id from complete
    where idempotency_token is null or id in (select job_id from answered)
    returning id, run_at, created_at
  ), new_output as (
    insert into output (job_id, position, name, spec)
    select item.* from jsonb_to_recordset($2::jsonb) as item(job_id uuid, position smallint, name text, spec jsonb)
    join new_job on new_job.id = item.job_id
  ), new_input as (
    insert into input (job_id, position, role, storage_key, sha256, bytes, format, url, upload_id, from_job_id, from_output)
    select found.job_id, found.position, found.role, found.storage_key, found.sha256, found.bytes, found.format,
      found.url, found.upload_id, found.from_job_id, found.from_output
    from found join new_job on new_job.id = found.job_id
  )
  select found.job_id, found.is_missing, found.storage_key, found.sha256, found.bytes, found.format, new_job.run_at, new_job.created_at
  from found left join new_job on new_job.id = found.job_id
  order by found.position`,
);
