import { v7 as uuidv7 } from 'uuid';
import { Orphans, type FoundOrphans } from './orphans.js';
import { Retention } from './retention.js';
import { image, JobDatabase, source, storedFile } from './spec/job-database.js';
import { fetchedSourceKey, outputKey, ownerOf, uploadKey } from './storage-keys.js';
import type { ClaimedJob } from './job-leases.js';

let jobs: JobDatabase;
let orphans: Orphans;
beforeEach(async () => {
  jobs = await JobDatabase.open();
  orphans = new Orphans(jobs.dataSource);
});
afterEach(() => jobs.close());

/** A job that came with its file, as the API makes it. */
function running(): Promise<ClaimedJob> {
  const id = uuidv7();
  return jobs.running({ id, source: { ...storedFile(), storageKey: uploadKey(id) } });
}

async function complete(job: ClaimedJob): Promise<string> {
  const storageKey = outputKey(job, 'small');
  await jobs.leases.complete(job.id, job.leaseToken, { source, outputs: [{ ...image('small'), storageKey } as never] });
  return storageKey;
}

const orphaned = (...keys: string[]) => ({ orphans: keys.toSorted(), strangers: 0 });

async function among(...keys: string[]): Promise<FoundOrphans> {
  const found = await orphans.among(keys);
  return { ...found, orphans: found.orphans.toSorted() };
}

test('the owner of a file is told by its key', () => {
  const id = uuidv7({ msecs: Date.UTC(2026, 10, 25) });
  const createdAt = new Date(Date.UTC(2026, 10, 25));

  expect(ownerOf(uploadKey(id))).toEqual({ id, generation: null, createdAt });
  expect(ownerOf(fetchedSourceKey({ id, generation: 12 }))).toEqual({ id, generation: 12, createdAt });
  expect(ownerOf(outputKey({ id, generation: 3 }, 'a-1_B'))).toEqual({ id, generation: 3, createdAt });
});

test.each([
  'uploads/readme.txt',
  'uploads/0190d3c4-0000-4000-8000-000000000000',
  'uploads/0190d3c4-0000-7000-8000-000000000000/a',
  'uploads/0190d3c4-0000-7000-8000-000000000000-12345678901',
  'outputs/01/0190d3c4-0000-7000-8000-000000000000-1-a',
  'outputs/00/0190d3c4-0000-7000-8000-000000000000-a',
  'check-0190d3c4-0000-7000-8000-000000000000',
])('%s has none', async (key) => {
  expect(ownerOf(key)).toBeUndefined();
  expect(await among(key)).toEqual({ orphans: [], strangers: 1 });
});

test('files of which nothing knows are orphans', async () => {
  const id = uuidv7();
  const keys = [uploadKey(id), fetchedSourceKey({ id, generation: 1 }), outputKey({ id, generation: 1 }, 'small')];

  expect(await among(...keys)).toEqual(orphaned(...keys));
});

test('an upload has its file', async () => {
  const id = uuidv7();
  await jobs.uploads.create({ ...storedFile(), id, storageKey: uploadKey(id) });

  expect(await among(uploadKey(id))).toEqual(orphaned());
  await jobs.uploads.delete(id);
  expect(await among(uploadKey(id))).toEqual(orphaned(uploadKey(id)));
});

test('a job has its source and its outputs, until they expire', async () => {
  const job = await running();
  const keys = [uploadKey(job.id), await complete(job)];

  expect(await among(...keys)).toEqual(orphaned());
  await new Retention(jobs.dataSource).expireResults(0, 10);
  expect(await among(...keys)).toEqual(orphaned(...keys));
});

test('files of a running attempt are not orphans although no row names them yet, those of earlier attempts are', async () => {
  const first = await running();
  const stored = outputKey(first, 'small');
  const fetched = fetchedSourceKey(first);
  expect(await among(stored, fetched)).toEqual(orphaned());

  await jobs.passTime(first);
  await jobs.expired.sweep();
  expect(await among(stored, fetched)).toEqual(orphaned(stored, fetched));

  await jobs.passTime(first);
  const second = await jobs.claim(first);
  const keys = [stored, fetched, outputKey(second, 'small')];
  expect(await among(...keys)).toEqual(orphaned(stored, fetched));
  await complete(second);
  expect(await among(...keys)).toEqual(orphaned(stored, fetched));
});

test('a source that was fetched belongs to the job, those that other attempts have fetched do not', async () => {
  const job = await jobs.running({ source: { url: 'https://example.com/a.png' } });
  const storageKey = fetchedSourceKey(job);
  await jobs.leases.sourceFetched(job.id, job.leaseToken, { ...storedFile(), storageKey });
  await jobs.leases.release(job.id, job.leaseToken);
  await jobs.claim(job);

  const abandoned = fetchedSourceKey({ ...job, generation: 7 });
  expect(await among(storageKey, abandoned)).toEqual(orphaned(abandoned));
});

test('outputs that are to be made again do not belong to the job any more', async () => {
  const job = await running();
  const storageKey = outputKey(job, 'small');
  const failed = { name: 'large', status: 'failed', code: 'invalid_operation' } as const;
  await jobs.dataSource.query(`insert into output (job_id, name, position, spec) values ($1, 'large', 1, '{}')`, [job.id]);
  await jobs.leases.complete(job.id, job.leaseToken, { source, outputs: [{ ...image('small'), storageKey } as never, failed] });
  expect(await among(storageKey)).toEqual(orphaned());

  await jobs.intake.retry(job.id);

  expect(await among(storageKey, uploadKey(job.id))).toEqual(orphaned(storageKey));
});

test('a file that is older than the database is none of its files', async () => {
  await jobs.dataSource.query('update installation set since = now()');
  const [before, after] = [uuidv7({ msecs: Date.now() - 60_000 }), uuidv7({ msecs: Date.now() + 1 })];

  expect(await among(uploadKey(before), uploadKey(after))).toEqual({ orphans: [uploadKey(after)], strangers: 1 });
});

test('a thousand files are looked up together', async () => {
  const known = await Promise.all(Array.from({ length: 10 }, () => running()));
  const keys = Array.from({ length: 990 }, () => uploadKey(uuidv7()));

  expect(await among(...keys, ...known.map(({ id }) => uploadKey(id)))).toEqual(orphaned(...keys));
});

test('time is that of the database', async () => {
  const [row] = await jobs.dataSource.query<{ now: Date }[]>('select now()');
  const before = await orphans.secondsAgo(60);

  expect(Math.abs(Number(row?.now) - 60_000 - before.getTime())).toBeLessThan(5_000);
});

test('a job that is queued again keeps its source', async () => {
  const job = await running();
  await jobs.leases.release(job.id, job.leaseToken);

  expect(await among(uploadKey(job.id))).toEqual(orphaned());
});
