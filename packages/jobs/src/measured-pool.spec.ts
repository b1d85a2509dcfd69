import { eventually, freePort } from '@tintype/testing';
import { DataSource } from 'typeorm';
import { Batches } from './batches.js';
import { dataSourceOptions } from './database.js';
import type { StatementFailure } from './measured-pool.js';
import { poolState } from './prepared.js';
import { JobDatabase, newJob, parseSettings } from './spec/job-database.js';
import type { StatementKind } from './statements.js';
import { WebhookOutbox } from './webhooks/webhook-outbox.js';

const ended: [StatementKind, number][] = [];
const failed: StatementFailure[] = [];

async function connectMeasured(settings: { readonly DATABASE_URL: string }): Promise<DataSource> {
  const observer = {
    ended: (...statement: [StatementKind, number]) => ended.push(statement),
    failed: (reason: StatementFailure) => failed.push(reason),
  };
  return new DataSource(dataSourceOptions(parseSettings({ ...settings, PG_POOL_SIZE: '1' }), observer)).initialize();
}

let jobs: JobDatabase;
beforeAll(async () => {
  jobs = await JobDatabase.open(connectMeasured);
});
afterAll(() => jobs.close());

/** What was told of while `work` ran. */
async function kindsDuring(work: () => Promise<unknown>): Promise<StatementKind[]> {
  ended.length = 0;
  await work();
  return ended.map(([kind]) => kind);
}

test('every statement is told of once, by what it is for', async () => {
  expect(await kindsDuring(() => jobs.intake.create(newJob()))).toEqual(['create_job']);
  const job = await jobs.running();
  expect(await kindsDuring(() => jobs.leases.claim(1, { workerId: 'w', leaseSeconds: 9, token: job.leaseToken }))).toEqual([
    'claim',
  ]);
  const progress = { stage: 'store', outputsDone: 1 } as const;
  expect(await kindsDuring(() => jobs.leases.extend(job.id, job.leaseToken, 9, progress))).toEqual(['renew']);
  expect(await kindsDuring(() => jobs.leases.release(job.id, job.leaseToken))).toEqual(['record']);
  expect(await kindsDuring(() => jobs.reader.find(job.id))).toEqual(['read']);
  expect(await kindsDuring(() => jobs.reader.list({ limit: 1 }))).toEqual(['read']);
  expect(await kindsDuring(() => jobs.reader.backlog())).toEqual(['read']);
  expect(await kindsDuring(() => new WebhookOutbox(jobs.dataSource).backlog())).toEqual(['webhook']);
  expect(await kindsDuring(() => jobs.dataSource.query('select 1'))).toEqual(['other']);
});

test('what a transaction holds is known without its name', async () => {
  const batches = new Batches(jobs.dataSource);
  const kinds = await kindsDuring(() => batches.create({ jobs: [newJob()] }));
  expect(kinds).toEqual(['other', 'create_job', 'create_job', 'other']);
});

test('the time is that in the database, and not of the wait for a connection', async () => {
  ended.length = 0;
  await Promise.all([jobs.dataSource.query('select pg_sleep(0.2)'), jobs.reader.versions([])]);
  const [slow, quick] = ended.map(([, seconds]) => seconds);
  expect(slow).toBeGreaterThanOrEqual(0.2);
  expect(quick).toBeGreaterThan(0);
  expect(quick).toBeLessThan(0.2);
});

test.each<[StatementFailure, string, string]>([
  ['refused', 'select 1 / 0', 'division by zero'],
  ['refused', 'select from nothing', 'does not exist'],
  ['timeout', 'select pg_sleep(5)', 'statement timeout'],
  ['connection', 'select pg_terminate_backend(pg_backend_pid())', 'terminating connection'],
])('a failure is told of with its reason: %s of %s', async (reason, statement, message) => {
  failed.length = 0;
  await jobs.dataSource.query('set statement_timeout = 100');
  await expect(jobs.dataSource.query(statement)).rejects.toThrow(message);
  expect(failed).toEqual([reason]);
  // The pool may give out a connection that is about to break.
  await eventually(async () => Boolean(await jobs.dataSource.query('set statement_timeout = 15000')));
});

test('so is one that gets no connection', async () => {
  failed.length = 0;
  const port = await freePort();
  await expect(connectMeasured({ DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/nothing` })).rejects.toThrow('ECONNREFUSED');
  expect(failed).toEqual(['connection']);
});

test('the pool tells how many connections there are, and who waits for one', async () => {
  await jobs.dataSource.query('select 1');
  expect(poolState(jobs.dataSource)).toEqual({ idle: 1, used: 0, max: 1, waiting: 0 });
  const runner = jobs.dataSource.createQueryRunner();
  await runner.connect();
  const waiting = jobs.dataSource.query('select 1');
  expect(poolState(jobs.dataSource)).toEqual({ idle: 0, used: 1, max: 1, waiting: 1 });
  await runner.release();
  await waiting;
  expect(poolState(jobs.dataSource)).toEqual({ idle: 1, used: 0, max: 1, waiting: 0 });
});
