import { v7 as uuidv7 } from 'uuid';
import { Batches } from './batches.js';
import type { JobPosition } from './job-reader.js';
import { JobDatabase, newJob } from './spec/job-database.js';
import type { Status } from './status.js';

let jobs: JobDatabase;
beforeEach(async () => {
  jobs = await JobDatabase.open();
});
afterEach(() => jobs.close());

test('an unknown job is undefined, and so is an unknown output', async () => {
  const job = await jobs.intake.create(newJob());

  expect(await jobs.reader.find(uuidv7())).toBeUndefined();
  expect(await jobs.reader.output(job.id, 'other')).toBeUndefined();
});

test('an output is read by its name', async () => {
  const job = await jobs.completed();

  expect(await jobs.reader.output(job.id, 'small')).toEqual({ output: job.outputs[0], expiredAt: null });
});

test('pages are the newest first and leave no gap between jobs of the same time', async () => {
  const created = await Promise.all(Array.from({ length: 7 }, () => jobs.intake.create(newJob())));
  const time = '2026-01-02T03:04:05.678Z';
  await jobs.dataSource.query('update job set created_at = $1 where id = any($2)', [
    time,
    created.slice(1, 6).map(({ id }) => id),
  ]);

  const pages = await list();

  expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 1]);
  const rows = await jobs.dataSource.query<{ id: string }[]>('select id from job order by created_at desc, id desc');
  expect(pages.flat()).toEqual(rows.map(({ id }) => id));
});

test('the last page has no next one, even if it is full', async () => {
  await jobs.intake.create(newJob());
  await jobs.intake.create(newJob());

  expect(await jobs.reader.list({ limit: 2 })).not.toHaveProperty('next');
});

test('a list can be of one status, with outputs and inputs', async () => {
  await jobs.intake.create(newJob());
  const job = await jobs.completed();

  expect(await jobs.reader.list({ status: 'completed', limit: 10 })).toEqual({ jobs: [job] });
  expect(await list('completed')).toEqual([[job.id]]);
});

test('a list can be of one batch', async () => {
  await jobs.intake.create(newJob());
  const { batch } = await new Batches(jobs.dataSource).create({ jobs: [newJob(), newJob(), newJob()] });

  const { jobs: found, next } = await jobs.reader.list({ batchId: batch.id, limit: 2 });

  const rest = await jobs.reader.list({ batchId: batch.id, limit: 2, after: next });
  expect([...found, ...rest.jobs].map(({ batchId }) => batchId)).toEqual([batch.id, batch.id, batch.id]);
  expect(rest).not.toHaveProperty('next');
});

test('the load counts what is queued and what has just ended, up to a limit', async () => {
  expect(await jobs.reader.load(3)).toEqual({ queued: 0, finishedLastMinute: 0 });
  for (let count = 0; count < 2; count++) await jobs.intake.create(newJob());
  const waiting = await jobs.running();
  await jobs.leases.retry(waiting.id, waiting.leaseToken, { code: 'storage_unavailable' });
  await jobs.completed();
  const earlier = await jobs.completed();
  await jobs.dataSource.query(`update job set finished_at = now() - interval '61 s' where id = $1`, [earlier.id]);

  expect(await jobs.reader.load(10)).toEqual({ queued: 3, finishedLastMinute: 1 });
  expect(await jobs.reader.load(2)).toEqual({ queued: 2, finishedLastMinute: 1 });
});

test('versions tells how far jobs are, and nothing of those that do not exist', async () => {
  const completed = await jobs.completed();
  const queued = await jobs.intake.create(newJob());

  expect(await jobs.reader.versions([completed.id, queued.id, uuidv7()])).toEqual(
    new Map([
      [completed.id, { version: 3, finished: true }],
      [queued.id, { version: 1, finished: false }],
    ]),
  );
});

test('the backlog counts what is queued, what could begin now, what is running and what nobody holds any more', async () => {
  const nothing = { interactive: 0, normal: 0, bulk: 0 };
  expect(await jobs.reader.backlog()).toEqual({ queued: 0, due: nothing, oldestSeconds: 0, running: 0, overdue: 0 });
  const waiting = await jobs.running();
  await jobs.leases.retry(waiting.id, waiting.leaseToken, { code: 'storage_unavailable' });
  await jobs.running();
  const abandoned = await jobs.running();
  await jobs.completed();
  const job = await jobs.intake.create(newJob());
  await jobs.intake.create(newJob({ priority: 'bulk' }));
  await jobs.dataSource.query(`update job set run_at = now() - interval '30 s' where id = $1`, [job.id]);
  await jobs.dataSource.query(`update job set lease_expires_at = now() - interval '1 s' where id = $1`, [abandoned.id]);

  const backlog = await jobs.reader.backlog();

  expect(backlog).toMatchObject({ queued: 3, due: { interactive: 0, normal: 1, bulk: 1 }, running: 2, overdue: 1 });
  expect(backlog.oldestSeconds).toBeGreaterThanOrEqual(30);
});

/** Ids, in pages of two. */
async function list(status?: Status): Promise<string[][]> {
  const pages: string[][] = [];
  let after: JobPosition | undefined;
  do {
    const page = await jobs.reader.list({ status, limit: 2, after });
    pages.push(page.jobs.map(({ id }) => id));
    after = page.next;
  } while (after);
  return pages;
}
