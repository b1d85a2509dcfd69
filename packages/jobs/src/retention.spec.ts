import { setTimeout as sleep } from 'node:timers/promises';
import { Output } from '@tintype/operations';
import { eventually } from '@tintype/testing';
import { v7 as uuidv7 } from 'uuid';
import { Batches } from './batches.js';
import { IdempotencyKeys } from './idempotency-keys.js';
import { insertJobs } from './insert-jobs.js';
import { jobDocument } from './job-document.js';
import { jobRow, type NewJob } from './job-intake.js';
import type { Job } from './job.entity.js';
import { Retention } from './retention.js';
import { JobDatabase, image, newJob, source, storedFile } from './spec/job-database.js';
import type { Upload } from './upload.entity.js';

const hour = 3_600;
const nothing = { rows: 0, keys: [] };

let jobs: JobDatabase;
let retention: Retention;
beforeEach(async () => {
  jobs = await JobDatabase.open();
  retention = new Retention(jobs.dataSource);
});
afterEach(() => jobs.close());

/** Makes everything that the database holds older. */
async function passHours(hours: number): Promise<void> {
  const columns = {
    job: ['created_at', 'started_at', 'finished_at', 'results_expired_at'],
    upload: ['created_at'],
    batch: ['created_at', 'finished_at'],
    webhook_endpoint: ['created_at'],
    webhook_delivery: ['created_at', 'finished_at'],
    idempotency_key: ['created_at', 'locked_until'],
  };
  for (const [table, names] of Object.entries(columns)) {
    const assignments = names.map((name) => `${name} = ${name} - make_interval(hours => $1)`);
    await jobs.dataSource.query(`update ${table} set ${assignments.join(', ')}`, [hours]);
  }
}

async function endpoint({ registered }: { registered: boolean }): Promise<string> {
  const id = uuidv7();
  await jobs.dataSource.query(
    `insert into webhook_endpoint (id, url, secret, registered, lane) values ($1, $2, 'whsec_x', $3, $1)`,
    [id, `https://example.com/${id}`, registered],
  );
  return id;
}

async function endDeliveries(): Promise<void> {
  await jobs.dataSource.query(`update webhook_delivery set status = 'delivered', finished_at = now() where status = 'pending'`);
}

async function count(table: string): Promise<number> {
  const [row] = await jobs.dataSource.query<{ count: number }[]>(`select count(*)::integer from ${table}`);
  return row?.count ?? 0;
}

function upload(): Promise<Upload> {
  return jobs.uploads.create({ id: uuidv7(), ...storedFile() });
}

const outputOf = ({ id }: Pick<Job, 'id'>): Partial<NewJob> => ({ source: { job_id: id, output: 'small' } });

/** Resolves when somebody waits for a lock: of a row, or an advisory one. */
async function untilSomebodyWaits(kind: 'row' | 'advisory'): Promise<void> {
  await eventually(async () => {
    const waiting = await jobs.dataSource.query<unknown[]>(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        and (wait_event = 'advisory') = $1`,
      [kind === 'advisory'],
    );
    return waiting.length > 0;
  });
}

/** Begins `meanwhile` when `remove` has locked the jobs that it will expire or delete, and resolves to what comes of both. */
async function inTheMiddle<Result>(remove: () => Promise<Result>, meanwhile: () => Promise<unknown>): Promise<[Result, unknown]> {
  await jobs.dataSource.query(`
    create function pause() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(1);
      return coalesce(new, old);
    end $$;
    create trigger pause before update of results_expired_at or delete on job for each row execute function pause()`);
  const holder = jobs.dataSource.createQueryRunner();
  await holder.query('select pg_advisory_lock(1)');
  const removed = remove();
  await untilSomebodyWaits('advisory');
  const outcome = meanwhile().catch((error: unknown) => error);
  const waited = await untilSomebodyWaits('row').then(
    () => true,
    () => false,
  );
  await holder.query('select pg_advisory_unlock(1)');
  await holder.release();
  const results: [Result, unknown] = [await removed, await outcome];
  expect(waited).toBe(true);
  return results;
}

/** Has it take long to find out whether an old job is read: finished jobs have read it many times. */
async function completedAndMuchRead(): Promise<Job> {
  const job = await jobs.completed();
  const reader = await jobs.intake.create(newJob(outputOf(job)));
  await jobs.intake.cancel(reader.id);
  await jobs.dataSource.query(
    `insert into input (job_id, position, role, storage_key, sha256, bytes, format, from_job_id, from_output)
      select job_id, number, 'overlay', storage_key, sha256, bytes, format, from_job_id, from_output
      from input, generate_series(1, 30000) as number where job_id = $1`,
    [reader.id],
  );
  return job;
}

describe('expireResults', () => {
  test('gives the files of jobs that ended long ago, once, and the jobs tell of it', async () => {
    const file = storedFile();
    const old = await jobs.completed({ source: file });
    await passHours(2);
    const young = await jobs.completed();

    const { rows, keys } = await retention.expireResults(hour, 10);

    expect(rows).toBe(1);
    expect(keys.toSorted()).toEqual([old.outputs[0]?.storageKey, file.storageKey].toSorted());
    const after = await jobs.read(old);
    expect(after).toMatchObject({ status: 'completed', version: old.version + 1, resultsExpiredAt: expect.any(Date) });
    expect(jobDocument(after).outputs).toMatchObject([{ status: 'completed', url: null }]);
    expect(await jobs.read(young)).toEqual(young);
    expect(await retention.expireResults(hour, 10)).toEqual(nothing);
  });

  test('gives a source that was fetched, and that of a job which was canceled', async () => {
    const fetched = storedFile();
    const running = await jobs.running({ source: { url: 'https://example.com/a.png' } });
    await jobs.leases.sourceFetched(running.id, running.leaseToken, fetched);
    await jobs.leases.fail(running.id, running.leaseToken, { code: 'corrupt_image' });
    const file = storedFile();
    await jobs.intake.cancel((await jobs.intake.create(newJob({ source: file }))).id);
    await passHours(2);

    expect(await retention.expireResults(hour, 10)).toEqual({ rows: 2, keys: [fetched.storageKey, file.storageKey] });
  });

  test('leaves the files of uploads and of other jobs', async () => {
    const earlier = await jobs.completed();
    const overlay = { operation: 'composite', image: { job_id: earlier.id, output: 'small' } };
    const reader = await jobs.completed({
      source: { upload_id: (await upload()).id },
      outputs: [Output.parse({ name: 'small', operations: [overlay] })],
    });
    await jobs.dataSource.query(`update job set finished_at = finished_at - interval '2 hours' where id = $1`, [reader.id]);

    expect(await retention.expireResults(hour, 10)).toEqual({ rows: 1, keys: [reader.outputs[0]?.storageKey] });
  });

  test('takes the oldest first, and no more than it was told to', async () => {
    const old: Job[] = [];
    for (let n = 0; n < 3; n++) {
      old.push(await jobs.completed());
      await passHours(2);
    }

    expect(await retention.expireResults(hour, 2)).toMatchObject({ rows: 2 });

    const expired = await Promise.all(old.map(async (job) => (await jobs.read(job)).resultsExpiredAt !== null));
    expect(expired).toEqual([true, true, false]);
  });

  test('leaves a job while an unfinished one reads its output, and goes on with those behind it', async () => {
    const old = await jobs.completed();
    await passHours(2);
    await jobs.completed();
    await passHours(2);
    const reader = await jobs.intake.create(newJob(outputOf(old)));

    expect(await retention.expireResults(hour, 1)).toMatchObject({ rows: 1 });
    expect(await retention.expireResults(hour, 1)).toEqual(nothing);
    await jobs.claim(reader);
    expect(await retention.expireResults(hour, 1)).toEqual(nothing);
    await jobs.dataSource.query(`update job set cancel_requested_at = now() where id = $1`, [reader.id]);
    await jobs.passTime(reader);
    await jobs.expired.sweep();
    expect(await retention.expireResults(hour, 10)).toMatchObject({ rows: 1 });
  });

  test('leaves a job from which another is just being created', async () => {
    const old = await jobs.completed();
    await passHours(2);
    const reader = jobRow(newJob(outputOf(old)));

    await jobs.dataSource.transaction(async (manager) => {
      await insertJobs(manager, [reader]);
      expect(await retention.expireResults(hour, 10)).toEqual(nothing);
    });

    expect(await retention.expireResults(hour, 10)).toEqual(nothing);
    expect(await jobs.read(reader)).toMatchObject({ status: 'queued', inputs: [{ storageKey: old.outputs[0]?.storageKey }] });
  });

  test('has a job that is created meanwhile wait, and then refused', async () => {
    const old = await jobs.completed();
    await passHours(2);

    const [expired, created] = await inTheMiddle(
      () => retention.expireResults(hour, 10),
      () => jobs.intake.create(newJob(outputOf(old))),
    );

    expect(expired).toMatchObject({ rows: 1 });
    expect(created).toMatchObject({ name: 'ReferencesNotFoundError' });
  });

  test('and a new job that reads the output never both win', async () => {
    await completedAndMuchRead();
    await passHours(2);
    for (let round = 0; round < 10; round++) {
      const old = await jobs.completed();
      await passHours(2);
      const expired = retention.expireResults(hour, 10);
      // At another moment each time, while it looks whether the first job is read.
      await sleep(3 * round);
      const [created] = await Promise.allSettled([jobs.intake.create(newJob(outputOf(old)))]);
      await expired;
      const { resultsExpiredAt } = await jobs.read(old);
      expect(created.status).toBe(resultsExpiredAt ? 'rejected' : 'fulfilled');
      await jobs.dataSource.query('update job set results_expired_at = null');
      if (created.status === 'fulfilled') await jobs.intake.cancel(created.value.id);
      await jobs.intake.delete(old.id);
    }
  });

  test('takes every job once for those that work at the same time', async () => {
    const old = await Promise.all(Array.from({ length: 20 }, () => jobs.completed()));
    await passHours(2);

    const expired = await Promise.all(Array.from({ length: 5 }, () => retention.expireResults(hour, 6)));

    const rest = await retention.expireResults(hour, 100);
    const keys = [...expired, rest].flatMap((removed) => removed.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(2 * old.length);
  });

  test('is the end: the outputs make no new job, the job is not tried again, and its deletion has no files', async () => {
    const claimed = await jobs.running({ outputs: ['small', 'large'].map((name) => Output.parse({ name })) });
    const failure = { name: 'large', status: 'failed', code: 'output_limit_exceeded' } as const;
    await jobs.leases.complete(claimed.id, claimed.leaseToken, { source, outputs: [image('small'), failure] });
    await passHours(2);
    await retention.expireResults(hour, 10);

    await expect(jobs.intake.create(newJob(outputOf(claimed)))).rejects.toMatchObject({ name: 'ReferencesNotFoundError' });
    expect(await jobs.intake.retry(claimed.id)).toEqual({ outcome: 'expired', keys: [] });
    expect(await jobs.intake.delete(claimed.id)).toEqual({ outcome: 'deleted', keys: [] });
  });
});

describe('deleteJobs', () => {
  test('removes jobs that ended long ago with all that is theirs, and gives files that they still have', async () => {
    const keys = new IdempotencyKeys(jobs.dataSource);
    const begun = await keys.begin('jobs', 'k', 60);
    if (begun.state !== 'held') throw new Error('not held');
    await jobs.completed({ idempotency: { ...begun.held, fingerprint: 'f' } });
    await passHours(2);
    await retention.expireResults(hour, 10);
    const file = storedFile();
    const old = await jobs.completed({ source: file });
    await passHours(2);
    const young = await jobs.completed();

    const removed = await retention.deleteJobs(hour, 10);

    expect(removed.rows).toBe(2);
    expect(removed.keys.toSorted()).toEqual([old.outputs[0]?.storageKey, file.storageKey].toSorted());
    expect([await count('job'), await count('output'), await count('input'), await count('idempotency_key')]).toEqual([
      1, 1, 1, 0,
    ]);
    expect(await jobs.read(young)).toEqual(young);
    expect(await retention.deleteJobs(hour, 10)).toEqual(nothing);
  });

  test('leaves jobs that have not ended, however old they are', async () => {
    await jobs.intake.create(newJob());
    await jobs.running();
    await passHours(1000);

    expect(await retention.deleteJobs(hour, 10)).toEqual(nothing);
  });

  test('leaves a job until its webhook is delivered or given up', async () => {
    await endpoint({ registered: true });
    await jobs.completed();
    await passHours(2);

    expect(await retention.deleteJobs(hour, 10)).toEqual(nothing);
    await endDeliveries();
    expect(await retention.deleteJobs(hour, 10)).toMatchObject({ rows: 1 });
    expect(await count('webhook_delivery')).toBe(0);
  });

  test('leaves a job while an unfinished one reads its output', async () => {
    const old = await jobs.completed();
    await passHours(2);
    const reader = await jobs.intake.create(newJob(outputOf(old)));

    expect(await retention.deleteJobs(hour, 10)).toEqual(nothing);
    await jobs.intake.cancel(reader.id);
    expect(await retention.deleteJobs(hour, 10)).toMatchObject({ rows: 1 });
  });

  test('has a job that is created meanwhile wait, and then refused', async () => {
    const old = await jobs.completed();
    await passHours(2);

    const [deleted, created] = await inTheMiddle(
      () => retention.deleteJobs(hour, 10),
      () => jobs.intake.create(newJob(outputOf(old))),
    );

    expect(deleted).toMatchObject({ rows: 1 });
    expect(created).toMatchObject({ name: 'ReferencesNotFoundError' });
  });
});

describe('deleteUploads', () => {
  test('removes those that were stored long ago, with their file', async () => {
    const old = await upload();
    await passHours(2);
    const young = await upload();

    expect(await retention.deleteUploads(hour, 10)).toEqual({ rows: 1, keys: [old.storageKey] });
    expect(await jobs.uploads.find(old.id)).toBeUndefined();
    expect(await jobs.uploads.find(young.id)).toEqual(young);
  });

  test('counts from the latest job that named it', async () => {
    const { id } = await upload();
    await jobs.completed({ source: { upload_id: id } });
    await passHours(2);
    await jobs.completed({ source: { upload_id: id } });

    expect(await retention.deleteUploads(hour, 10)).toEqual(nothing);
    await passHours(2);
    expect(await retention.deleteUploads(hour, 10)).toMatchObject({ rows: 1 });
  });

  test('leaves one while an unfinished job reads it, however old both are, and later ones too', async () => {
    const { id } = await upload();
    const reader = await jobs.intake.create(newJob({ source: { upload_id: id } }));
    await jobs.completed({ source: { upload_id: id } });
    await passHours(1000);

    expect(await retention.deleteUploads(hour, 10)).toEqual(nothing);
    await jobs.intake.cancel(reader.id);
    expect(await retention.deleteUploads(hour, 10)).toMatchObject({ rows: 1 });
  });

  test('leaves one with which a job is just being created', async () => {
    const { id } = await upload();
    await passHours(2);

    await jobs.dataSource.transaction(async (manager) => {
      await insertJobs(manager, [jobRow(newJob({ source: { upload_id: id } }))]);
      expect(await retention.deleteUploads(hour, 10)).toEqual(nothing);
    });

    expect(await retention.deleteUploads(hour, 10)).toEqual(nothing);
  });

  test('and a new job with the upload never both win', async () => {
    for (let round = 0; round < 20; round++) {
      const { id } = await upload();
      await passHours(2);
      const [created, deleted] = await Promise.allSettled([
        jobs.intake.create(newJob({ source: { upload_id: id } })),
        retention.deleteUploads(hour, 10),
      ]);
      expect(deleted).toMatchObject({ value: { rows: created.status === 'fulfilled' ? 0 : 1 } });
      if (created.status === 'fulfilled') await jobs.intake.cancel(created.value.id);
      await retention.deleteJobs(0, 10);
      await retention.deleteUploads(0, 10);
    }
  });
});

test('deleteBatches removes those whose jobs are gone, when their webhook is delivered', async () => {
  await endpoint({ registered: true });
  const batches = new Batches(jobs.dataSource);
  const { batch } = await batches.create({ jobs: [newJob(), newJob()] });
  await batches.create({ jobs: [newJob()] });
  await batches.cancel(batch.id);
  await passHours(2);

  expect(await retention.deleteBatches(hour, 10)).toEqual(nothing);
  await jobs.dataSource.query(`update webhook_delivery set status = 'failed', finished_at = now() where job_id is not null`);
  expect(await retention.deleteJobs(hour, 10)).toMatchObject({ rows: 2 });
  expect(await retention.deleteBatches(hour, 10)).toEqual(nothing);
  await endDeliveries();
  expect(await retention.deleteBatches(hour, 10)).toEqual({ rows: 1, keys: [] });
  expect(await count('batch')).toBe(1);
});

describe('deleteEndpoints', () => {
  test('removes those that came with jobs when nothing refers to them any more', async () => {
    const ofJob = await endpoint({ registered: false });
    const ofBatch = await endpoint({ registered: false });
    await endpoint({ registered: true });
    const unused = await endpoint({ registered: false });
    const job = await jobs.intake.create(newJob({ webhookEndpointId: ofJob }));
    await new Batches(jobs.dataSource).create({ jobs: [newJob()], webhookEndpointId: ofBatch });
    await passHours(2);
    await endpoint({ registered: false });

    expect(await retention.deleteEndpoints(hour, 10)).toEqual({ rows: 1, keys: [] });
    expect(await jobs.dataSource.query('select from webhook_endpoint where id = $1', [unused])).toEqual([]);
    await jobs.intake.delete(job.id);
    expect(await retention.deleteEndpoints(hour, 10)).toMatchObject({ rows: 1 });
    expect(await count('webhook_endpoint')).toBe(3);
  });

  test('never takes one from a job that is being created with it', async () => {
    for (let round = 0; round < 20; round++) {
      const webhookEndpointId = await endpoint({ registered: false });
      await passHours(2);
      const [created] = await Promise.allSettled([
        jobs.intake.create(newJob({ webhookEndpointId })),
        retention.deleteEndpoints(hour, 10),
      ]);
      if (created.status === 'fulfilled') expect(await jobs.read(created.value)).toMatchObject({ webhookEndpointId });
      else expect(created.reason).toMatchObject({ constraint: 'job_webhook_endpoint_id_fkey' });
    }
  });
});

test('deleteDeliveries removes what ended long ago, and leaves what is pending or was tried again lately', async () => {
  await endpoint({ registered: true });
  for (let n = 0; n < 3; n++) await jobs.completed();
  const [delivered, again] = await jobs.dataSource.query<{ id: string }[]>('select id from webhook_delivery');
  const end = `update webhook_delivery set status = 'delivered', finished_at = now() where id = $1`;
  await jobs.dataSource.query(end, [delivered?.id]);
  await jobs.dataSource.query(
    `insert into webhook_attempt (delivery_id, number, at, duration_ms, status_code) values ($1, 1, now(), 5, 204)`,
    [delivered?.id],
  );
  await passHours(2);
  await jobs.dataSource.query(end, [again?.id]);

  expect(await retention.deleteDeliveries(hour, 10)).toEqual({ rows: 1, keys: [] });
  expect([await count('webhook_delivery'), await count('webhook_attempt')]).toEqual([2, 0]);
});

test('deleteIdempotencyKeys removes old ones, but none under which a request is being answered', async () => {
  const keys = new IdempotencyKeys(jobs.dataSource);
  const answered = await keys.begin('jobs', 'answered', 60);
  if (answered.state !== 'held') throw new Error('not held');
  await jobs.intake.create(newJob({ idempotency: { ...answered.held, fingerprint: 'f' } }));
  await keys.begin('jobs', 'abandoned', 60);
  await keys.begin('batches', 'held', 3 * hour);
  await passHours(2);
  await keys.begin('jobs', 'young', 0);

  expect(await retention.deleteIdempotencyKeys(hour, 10)).toEqual({ rows: 2, keys: [] });
  expect(await jobs.dataSource.query('select key from idempotency_key order by key')).toEqual([
    { key: 'held' },
    { key: 'young' },
  ]);
});
