import { IdempotencyKeyLostError, IdempotencyKeys } from './idempotency-keys.js';
import { JobDatabase, newJob } from './spec/job-database.js';

let jobs: JobDatabase;
let keys: IdempotencyKeys;
beforeAll(async () => {
  jobs = await JobDatabase.open();
  keys = new IdempotencyKeys(jobs.dataSource);
});
afterAll(() => jobs.close());

async function held(key: string, seconds = 60) {
  const begun = await keys.begin('jobs', key, seconds);
  if (begun.state !== 'held') throw new Error(begun.state);
  return begun.held;
}

test('of requests with the same key at the same time one holds it', async () => {
  const begun = await Promise.all(Array.from({ length: 20 }, () => keys.begin('jobs', 'race', 60)));

  expect(begun.map(({ state }) => state).sort()).toEqual(['held', ...Array.from({ length: 19 }, () => 'in_progress')]);
});

test('a key stands for the job that its request has created', async () => {
  const job = await jobs.intake.create(newJob({ idempotency: { ...(await held('a')), fingerprint: 'f' } }));

  expect(await keys.begin('jobs', 'a', 60)).toEqual({ state: 'answered', fingerprint: 'f', id: job.id });
  expect(await keys.begin('batches', 'a', 60)).toMatchObject({ state: 'held' });
});

test('a request that created nothing frees its key, and one that has created something keeps it', async () => {
  await keys.release(await held('b'));
  const again = await held('b');
  await jobs.intake.create(newJob({ idempotency: { ...again, fingerprint: 'f' } }));

  await keys.release(again);

  expect(await keys.begin('jobs', 'b', 60)).toMatchObject({ state: 'answered' });
});

test('a request that is still being answered keeps its key', async () => {
  const slow = await held('d', 0);
  await keys.extend(slow, 60);

  expect(await keys.begin('jobs', 'd', 60)).toEqual({ state: 'in_progress' });
});

test('a request that takes too long loses its key, and can create nothing then', async () => {
  const late = await held('c', 0);
  const next = await held('c');

  await expect(jobs.intake.create(newJob({ idempotency: { ...late, fingerprint: 'f' } }))).rejects.toThrow(
    IdempotencyKeyLostError,
  );

  await keys.release(late);
  const job = await jobs.intake.create(newJob({ idempotency: { ...next, fingerprint: 'f' } }));
  expect(await keys.begin('jobs', 'c', 60)).toMatchObject({ state: 'answered', id: job.id });
});
