/** A database with a past: for tests and benchmarks of what many finished jobs do to those that come. */
import type { DataSource } from 'typeorm';

/** Statements have a time limit. */
const chunk = 50_000;

/**
 * Inserts jobs that ended within the last 30 days, most of them completed, with all that such jobs leave behind: an output, an input,
 * history, a webhook that was delivered; every tenth an upload, every hundredth an endpoint of its own, and one in a hundred is of a
 * batch. Triggers and foreign keys are passed over, which takes a superuser. Statistics are up to date afterwards.
 */
export async function insertFinishedJobs(dataSource: DataSource, count: number): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.query('set local session_replication_role = replica');
    await manager.query(
      `insert into webhook_endpoint (id, url, secret, registered, lane, disabled_at, disabled_reason)
      values ('${endpoint}', 'https://example.com/', 'whsec_c2VjcmV0', true, '${endpoint}', now(), 'requested') on conflict do nothing`,
    );
    await manager.query(`create temporary table past on commit drop as ${past} with no data`, [0, 0, 1]);
    for (let first = 0; first < count; first += chunk) {
      await manager.query(`insert into past ${past}`, [first, Math.min(first + chunk, count) - 1, count]);
      for (const insert of inserts) await manager.query(insert);
      await manager.query('truncate past');
    }
  });
  for (const table of tables) await dataSource.query(`vacuum analyze ${table}`);
}

const tables = ['job', 'output', 'input', 'upload', 'job_event', 'webhook_endpoint', 'webhook_delivery', 'batch'];

const endpoint = '00000000-0000-7000-8000-000000000000';

/** The jobs from one number to another, of so many. Ids are UUIDv7 of the time, the rest from the number. */
const past = `select number, at, status, batch_id, sha256,
    (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(sha256, 1, 3) || '8' || substr(sha256, 4, 15))::uuid as id
  from (
    select number, repeat(md5(number::text), 2) as sha256,
      date_trunc('milliseconds', now()) - interval '30 days' * (1 - number / $3::float8) - interval '1 minute' as at,
      case when number % 20 = 0 then 'failed' when number % 101 = 0 then 'canceled' else 'completed' end as status,
      case when number / 100 % 100 = 0 then md5('batch' || number / 100)::uuid end as batch_id
    from generate_series($1::integer, $2::integer) as number
  ) as numbered`;

const inserts = [
  `insert into webhook_endpoint (id, url, secret, registered, lane, created_at)
  select id, 'https://example.org/' || id, 'whsec_c2VjcmV0', false, md5('https://example.org')::uuid, at from past where number % 100 = 0`,
  `insert into job (id, status, attempt, generation, lease_token, worker_id, run_at, created_at, started_at, finished_at, version,
    source_format, source_width, source_height, source_pages, error_code, batch_id, webhook_endpoint_id, request_id, cancel_requested_at)
  select id, status, 1, 1, id, 'worker-1', at, at, at + interval '1 second', at + interval '2 seconds', 3,
    'jpeg', 4000, 3000, 1, case status when 'failed' then 'corrupt_image' end, batch_id, case when number % 100 = 0 then id end, id::text,
    case status when 'canceled' then at + interval '1 second' end
  from past`,
  `insert into output (job_id, position, name, spec, status, format, media_type, width, height, pages, bytes, sha256, storage_key, error_code)
  select id, 0, 'thumb', '{"name": "thumb", "format": "webp", "quality": 80, "operations": [{"operation": "resize", "width": 200}]}', status,
    made.*, case status when 'failed' then 'corrupt_image' end
  from past left join lateral (
    select 'webp', 'image/webp', 200, 150, 1, 8000, sha256, 'outputs/' || substr(id::text, 35) || '/' || id || '-1-thumb'
  ) as made on status = 'completed'`,
  `insert into input (job_id, position, role, storage_key, sha256, bytes, format, upload_id)
  select id, 0, 'source', 'uploads/' || id, sha256, 3000000, 'jpeg', case when number % 10 = 0 then id end
  from past`,
  `insert into upload (id, storage_key, sha256, bytes, format, created_at)
  select id, 'uploads/' || id, sha256, 3000000, 'jpeg', at from past where number % 10 = 0`,
  `insert into job_event (job_id, version, status, retries, attempt, worker_id, error_code, at)
  select id, 2, 'running', 0, 1, 'worker-1', null, at + interval '1 second' from past
  union all
  select id, 3, status, 0, 1, 'worker-1', case status when 'failed' then 'corrupt_image' end, at + interval '2 seconds' from past`,
  `insert into webhook_delivery (id, endpoint_id, lane, job_id, type, body, status, attempt, next_at, created_at, finished_at)
  select left(sha256, 32)::uuid, case when number % 100 = 0 then id else '${endpoint}' end, '${endpoint}', id, 'job.' || status, '{}', 'delivered', 1, at, at, at + interval '3 seconds'
  from past`,
  `insert into batch (id, total, unfinished, created_at, finished_at)
  select batch_id, 100, 0, min(at), max(at) + interval '2 seconds' from past where batch_id is not null group by batch_id
  on conflict do nothing`,
];
