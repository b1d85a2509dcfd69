import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  ExpiredLeases,
  fetchedSourceKey,
  IdempotencyKeys,
  type Job,
  JobLeases,
  Orphans,
  outputKey,
  Retention,
  uploadKey,
} from '@tintype/jobs';
import { eventually, samples } from '@tintype/testing';
import { v7 as uuidv7 } from 'uuid';
import { Workshop } from '../testing/workshop.js';
import { type Removal, removeExpired } from './remove-expired.js';
import { orphanAge, sweepOrphans } from './sweep-orphans.js';

const hour = 3_600;

let shop: Workshop;
beforeEach(async () => (shop = await Workshop.open()));
afterEach(() => shop.close());

/** A job that a worker would have completed, with its source and one output in the storage. */
async function completed(): Promise<Job> {
  const job = await shop.submit(Buffer.from('source'), { name: 'small' });
  const leases = new JobLeases(shop.dataSource);
  const [claimed] = await leases.claim(1, { workerId: 'spec', leaseSeconds: 60, token: uuidv7() });
  if (claimed?.id !== job.id) throw new Error('Another job was claimed');
  const storageKey = outputKey(claimed, 'small');
  await put(storageKey);
  const facts = { format: 'png', mediaType: 'image/png', width: 1, height: 1, pages: 1, bytes: 4, sha256: '0'.repeat(64) };
  await leases.complete(claimed.id, claimed.leaseToken, {
    outputs: [{ name: 'small', status: 'completed', ...facts, storageKey }],
  });
  return shop.read(job);
}

/** Stores a file, changed so many hours ago. */
async function put(key: string, hoursAgo = 0): Promise<string> {
  const path = join(shop.storageDirectory, key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'file');
  const at = new Date(Date.now() - hoursAgo * hour * 1000);
  await utimes(path, at, at);
  return key;
}

/** Orphans of each kind. */
function orphans(hoursAgo: number): Promise<string[]> {
  const id = uuidv7();
  const keys = [uploadKey(id), fetchedSourceKey({ id, generation: 1 }), outputKey({ id, generation: 1 }, 'small')];
  return Promise.all(keys.map((key) => put(key, hoursAgo)));
}

async function passHours(hours: number): Promise<void> {
  await shop.dataSource.query(
    `update job set created_at = created_at - interval '1 hour' * $1::float8, started_at = started_at - interval '1 hour' * $1::float8,
      finished_at = finished_at - interval '1 hour' * $1::float8`,
    [hours],
  );
}

async function stored(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of shop.storage.list('')) keys.push(key);
  return keys.sort();
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function expire(ages = { results: hour, records: 2 * hour }): Promise<Removal[]> {
  return all(removeExpired(new Retention(shop.dataSource), shop.storage, ages));
}

/** Resolves to how many were deleted, and how many were strangers. */
async function sweep(age: number): Promise<{ deleted: number; strangers: number }> {
  const pages = await all(sweepOrphans(new Orphans(shop.dataSource), shop.storage, age));
  const sum = { deleted: 0, strangers: 0 };
  for (const { deleted, strangers } of pages) {
    sum.deleted += deleted;
    sum.strangers += strangers;
  }
  return sum;
}

describe('removing what is too old', () => {
  test('takes results first, and records later', async () => {
    const job = await completed();
    expect(await expire()).toEqual([]);
    expect(await stored()).toHaveLength(2);

    await passHours(1.5);
    expect(await expire()).toEqual([{ kind: 'results', rows: 1, files: 2 }]);
    expect(await stored()).toEqual([]);
    expect(await shop.read(job)).toMatchObject({ status: 'completed', resultsExpiredAt: expect.any(Date) });

    await passHours(1);
    expect(await expire()).toEqual([{ kind: 'job', rows: 1, files: 0 }]);
    expect(await shop.reader.find(job.id)).toBeUndefined();
  });

  test('takes nothing whose age is endless', async () => {
    await completed();
    await passHours(10_000);

    expect(await expire({ results: 0, records: 0 })).toEqual([]);
    expect(await expire({ results: hour, records: 0 })).toMatchObject([{ kind: 'results', rows: 1 }]);
  });

  test('leaves the source of a running job, and what it reads of others', async () => {
    const earlier = await completed();
    const photo = await samples.photo();
    await shop.worker('mischief');
    const job = await shop.submit(photo, { name: 'hang' });
    const reader = await shop.intake.create({
      source: { job_id: earlier.id, output: 'small' },
      outputs: job.outputs.map(({ spec }) => spec),
    });
    for (const each of [job, reader]) await shop.when(each, ({ status }) => status === 'running');
    const before = await stored();
    await passHours(1000);

    expect(await expire()).toEqual([]);
    expect(await sweep(0)).toEqual({ deleted: 0, strangers: 0 });
    expect(await stored()).toEqual(before);
  });

  test('goes on in small batches until nothing is left, also when several do it', async () => {
    const jobs = await Promise.all(Array.from({ length: 250 }, () => shop.submit(Buffer.from('source'), { name: 'small' })));
    await Promise.all(jobs.map(({ id }) => shop.intake.cancel(id)));
    await passHours(1.5);

    const removals = (await Promise.all([expire(), expire()])).flat();

    expect(removals.map(({ rows }) => rows).every((rows) => rows <= 100)).toBe(true);
    expect(removals.reduce((sum, { rows }) => sum + rows, 0)).toBe(250);
    expect(removals.reduce((sum, { files }) => sum + files, 0)).toBe(250);
    expect(await stored()).toEqual([]);
  });

  test('tells when the storage fails, does the rest, and leaves the file for the sweep', async () => {
    const [broken] = [await completed(), await completed()];
    const path = join(shop.storageDirectory, uploadKey(broken.id));
    await rm(path);
    await mkdir(path);
    await new IdempotencyKeys(shop.dataSource).begin('jobs', 'old', 0);
    await shop.dataSource.query(`update idempotency_key set created_at = created_at - interval '2 days'`);
    await passHours(1.5);

    const removals: Removal[] = [];
    const removing = (async () => {
      const { dataSource, storage } = shop;
      for await (const removal of removeExpired(new Retention(dataSource), storage, { results: hour, records: 0 })) {
        removals.push(removal);
      }
    })();
    await expect(removing).rejects.toMatchObject({ name: 'StorageError' });

    expect(removals).toEqual([
      { kind: 'results', rows: 2, files: 0 },
      { kind: 'idempotency_key', rows: 1, files: 0 },
    ]);
    expect(await stored()).toEqual([]);
    await rm(path, { recursive: true });
    await put(uploadKey(broken.id));
    expect(await sweep(0)).toEqual({ deleted: 1, strangers: 0 });
  });
});

describe('the sweep of orphans', () => {
  test('deletes old files that belong to nothing, and leaves fresh ones, those that belong to something, and strangers', async () => {
    const job = await completed();
    const kept = [uploadKey(job.id), ...(await shop.outputKeys())];
    for (const key of kept) await put(key, 25);
    await orphans(25);
    const fresh = await orphans(23);
    const strangers = [await put('uploads/readme.txt', 25), await put('outputs/00/readme.txt', 25), await put('other/file', 25)];

    expect(await sweep(orphanAge)).toEqual({ deleted: 3, strangers: 2 });

    expect(await stored()).toEqual([...kept, ...fresh, ...strangers].sort());
  });

  test('goes through any number of files, also when several do it', async () => {
    const keys = await Promise.all(Array.from({ length: 2_100 }, () => put(uploadKey(uuidv7()), 25)));
    const job = await completed();

    const swept = await Promise.all([sweep(orphanAge), sweep(orphanAge)]);

    expect(swept.reduce((sum, { deleted }) => sum + deleted, 0)).toBeGreaterThanOrEqual(keys.length);
    expect(await stored()).toEqual([...(await shop.outputKeys()), uploadKey(job.id)].sort());
  });

  test('finds what a process left that died after the rows were gone', async () => {
    const job = await completed();
    await shop.intake.delete(job.id);
    await completed();
    await new Retention(shop.dataSource).expireResults(0, 100);
    expect(await stored()).toHaveLength(4);

    expect(await sweep(0)).toEqual({ deleted: 4, strangers: 0 });
    expect(await stored()).toEqual([]);
  });

  test('leaves the outputs of an attempt that is running, and deletes them when its worker was killed', async () => {
    const worker = await shop.worker('real');
    const slow = { name: 'slow', format: 'avif', effort: 9, quality: 80 };
    const job = await shop.submit(await samples.photo(4000, 3000), { name: 'quick', format: 'png' }, slow);
    const keys = await eventually(
      async () => {
        const found = await shop.outputKeys();
        return found.length > 0 && found;
      },
      { timeoutMs: 30_000 },
    );

    expect(await sweep(0)).toEqual({ deleted: 0, strangers: 0 });
    expect(await shop.read(job)).toMatchObject({ status: 'running' });
    expect(await shop.outputKeys()).toEqual(keys);

    await worker.stop('SIGKILL');
    await shop.dataSource.query(`update job set lease_expires_at = now() - interval '1 minute'`);
    await new ExpiredLeases(shop.dataSource).sweep();
    expect(await sweep(0)).toEqual({ deleted: 1, strangers: 0 });
    expect(await stored()).toEqual([uploadKey(job.id)]);
  });
});

describe('a worker', () => {
  test('removes what is too old', async () => {
    const job = await completed();
    await passHours(1.5);
    const worker = await shop.worker('mischief', { RETENTION_RESULTS_HOURS: '1', RETENTION_RECORDS_HOURS: '2' });

    await eventually(async () => (await worker.metric('upkeep_files_deleted_total{reason="retention"}')) === 2);
    expect(await stored()).toEqual([]);
    expect(await worker.metric('upkeep_records_deleted_total{kind="job"}')).toBe(0);
    expect(await shop.read(job)).toMatchObject({ resultsExpiredAt: expect.any(Date) });
    const succeededAt = await eventually(() => worker.metric('upkeep_last_success_timestamp_seconds{task="retention"}'));
    expect(Math.abs(succeededAt - Date.now() / 1000)).toBeLessThan(60);
    await worker.stop('SIGTERM');

    await passHours(1);
    const later = await shop.worker('mischief', { RETENTION_RESULTS_HOURS: '1', RETENTION_RECORDS_HOURS: '2' });
    await eventually(async () => (await later.metric('upkeep_records_deleted_total{kind="job"}')) === 1);
    expect(await shop.reader.find(job.id)).toBeUndefined();
  });

  test('deletes orphans, and the next one does not begin again so soon, but knows when it was', async () => {
    await orphans(25);
    await put('uploads/readme.txt', 25);
    const lastSweep = 'upkeep_last_success_timestamp_seconds{task="orphans"}';

    const first = await shop.worker('mischief');
    const sweptAt = await eventually(() => first.metric(lastSweep));
    expect(await first.metric('upkeep_files_deleted_total{reason="orphan"}')).toBe(3);
    expect(await stored()).toEqual(['uploads/readme.txt']);
    expect(first.records()).toContainEqual(
      expect.objectContaining({ msg: 'files in the storage that are not ours, left alone', files: 1 }),
    );

    const later = await orphans(25);
    const second = await shop.worker('mischief');
    const knownAt = await eventually(() => second.metric(lastSweep));
    expect(Math.abs(knownAt - sweptAt)).toBeLessThan(5);
    expect(await stored()).toEqual([...later, 'uploads/readme.txt'].sort());
  });

  test('deletes what killed processes left unfinished', async () => {
    await put('.tmp/old', 25);
    await put('.tmp/young', 23);
    const worker = await shop.worker('mischief');

    await eventually(async () => (await worker.metric('upkeep_files_deleted_total{reason="abandoned"}')) === 1);
    expect(await readdir(join(shop.storageDirectory, '.tmp'))).toContain('young');
  });

  test('tells of a round that failed, by its task', async () => {
    await shop.dataSource.query('alter table idempotency_key rename to another_table');
    const worker = await shop.worker('mischief');

    await eventually(async () => (await worker.metric('upkeep_failures_total{task="retention"}')) === 1);
    expect(await worker.metric('upkeep_failures_total{task="orphans"}')).toBe(0);
    expect(await worker.metricLines('upkeep_last_success_timestamp_seconds{task="retention"}')).toEqual([]);
  });

  test('stops in the middle of a sweep when it is told to, and leaves the rest to the next', async () => {
    const files = 8_000;
    await Promise.all(Array.from({ length: files }, () => put(uploadKey(uuidv7()), 25)));
    const first = await shop.worker('mischief');
    // It rests for half a second after each thousand. Names alone are read, as a look at all files would take as long.
    const uploads = join(shop.storageDirectory, 'uploads');
    await eventually(async () => (await readdir(uploads)).length < files, { everyMs: 5 });
    expect(await first.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect((await stored()).length).toBeGreaterThan(0);

    await shop.worker('mischief');
    await eventually(async () => (await stored()).length === 0, { timeoutMs: 20_000 });
  });
});

describe('sweep.js', () => {
  const entry = fileURLToPath(new URL('../sweep.js', import.meta.url));

  interface Swept {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }

  async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Swept> {
    const { PATH, HOME, TMPDIR } = process.env;
    const options = { env: { PATH, HOME, TMPDIR, ...shop.env, ...env } };
    try {
      return { code: 0, ...(await promisify(execFile)(process.execPath, [entry, ...args], options)) };
    } catch (error) {
      return error as Swept;
    }
  }

  test('does all of it once and tells what was removed', async () => {
    const job = await completed();
    await passHours(1.5);
    const young = await orphans(2);
    await orphans(25);
    const ages = { RETENTION_RESULTS_HOURS: '1', RETENTION_RECORDS_HOURS: '2' };

    const swept = await run([], ages);
    expect(swept.code).toBe(0);
    expect(JSON.parse(swept.stdout)).toMatchObject({
      msg: 'swept',
      removed: { files: { retention: 2, orphan: 3, abandoned: 0 }, rows: { results: 1 }, strangers: 0 },
    });
    expect(await stored()).toEqual(young.sort());

    const again = await run(['--older-than=3600'], ages);
    expect(JSON.parse(again.stdout)).toMatchObject({ removed: { files: { retention: 0, orphan: 3 }, rows: {} } });
    expect(await stored()).toEqual([]);
    expect(await shop.read(job)).toMatchObject({ resultsExpiredAt: expect.any(Date) });
  });

  test('refuses arguments that it does not know, and settings that contradict each other', async () => {
    for (const args of [['--older-than=1d'], ['--older'], ['now']]) {
      expect(await run(args)).toMatchObject({ code: 64, stderr: 'Usage: sweep.js [--older-than=SECONDS]\n' });
    }
    const { code, stderr } = await run([], { RETENTION_RECORDS_HOURS: '24' });
    expect(code).toBe(78);
    expect(stderr).toContain('RETENTION_RECORDS_HOURS must not be less than RETENTION_RESULTS_HOURS, where 0 is no limit');
  });

  test('fails when it cannot do its work', async () => {
    const swept = await run([], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect(swept.code).toBe(1);
    expect(JSON.parse(swept.stdout)).toMatchObject({ level: 'fatal', msg: 'not swept to the end' });
  });
});
