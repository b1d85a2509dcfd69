import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { migrate } from '@tintype/jobs';
import { eventually, samples } from '@tintype/testing';
import { Workshop } from './testing/workshop.js';

/** Processes whose parent it is. */
async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)]);
  return stdout.trim().split('\n').map(Number);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const unreachable = 'queue not reachable, jobs are found by looking now and then';

describe('a worker process', () => {
  let shop: Workshop;
  beforeEach(async () => (shop = await Workshop.open()));
  afterEach(() => shop.close());

  test.each([
    ['with a free slot', 1],
    ['without one', 2],
  ])('%s lets its jobs end on SIGTERM, and takes no more', async (_, count) => {
    const worker = await shop.worker('mischief');
    const photo = await samples.photo();
    const jobs = await Promise.all(Array.from({ length: count }, () => shop.submit(photo, { name: 'slow' })));
    await shop.wake();
    for (const job of jobs) await shop.when(job, ({ status }) => status === 'running');
    const stopped = worker.stop('SIGTERM');
    const later = await shop.submit(await samples.photo(), { name: 'a' });
    expect(await stopped).toEqual({ code: 0, signal: null });
    for (const job of jobs) expect(await shop.read(job)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await shop.read(later)).toMatchObject({ status: 'queued', attempt: 0 });
    expect(worker.records().filter(({ level }) => level === 'error')).toEqual([]);
    expect(await readdir(join(shop.storageDirectory, '.tmp'))).toEqual([]);
  });

  test('gives back on SIGTERM what does not end in time, and another worker finishes it', async () => {
    const worker = await shop.worker('mischief', { DRAIN_SECONDS: '1' });
    const job = await shop.submit(await samples.photo(), { name: 'hang' });
    await shop.when(job, ({ status }) => status === 'running');
    const children = await childrenOf(worker.pid);
    expect(await worker.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await shop.read(job)).toMatchObject({ status: 'queued', attempt: 0, generation: 1, crashCount: 0 });
    expect(children.filter(lives)).toEqual([]);
    expect(worker.records()).toContainEqual(expect.objectContaining({ job: job.id, outcome: 'released' }));

    await shop.worker('real');
    expect(await shop.ended(job)).toMatchObject({ status: 'completed', attempt: 1, generation: 2, crashCount: 0 });
  });

  test('leaves no process behind when it is killed, not even one that is encoding', async () => {
    const worker = await shop.worker('real');
    const job = await shop.submit(await samples.photo(2000, 1500), { name: 'a', format: 'avif', effort: 9, quality: 80 });
    await shop.when(job, ({ status }) => status === 'running');
    await sleep(300);
    const children = await childrenOf(worker.pid);
    expect(children).toHaveLength(2);
    await worker.stop('SIGKILL');
    await eventually(() => !children.some(lives), { timeoutMs: 2_000 });
  });

  test('stops in order while Redis is away', async () => {
    const worker = await shop.worker('real', { REDIS_URL: 'redis://127.0.0.1:1' });
    expect((await fetch(`${worker.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${worker.url}/livez`)).status).toBe(200);
    await eventually(() => worker.records().some(({ msg }) => msg === unreachable));
    expect(await worker.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    // Said once, however often it was tried.
    expect(worker.records().filter(({ msg }) => msg === unreachable)).toHaveLength(1);
  });
});

describe('a worker on a database without tables', () => {
  let shop: Workshop;
  beforeEach(async () => (shop = await Workshop.open({ migrated: false })));
  afterEach(() => shop.close());

  test('says so, waits, and begins when they are there', async () => {
    const starting = shop.worker('real');
    // TypeORM creates its own table when it is asked what is missing.
    await eventually(
      async () => {
        const [row] = await shop.dataSource.query<{ asked: boolean }[]>(`select to_regclass('migration') is not null as asked`);
        return row?.asked;
      },
      { timeoutMs: 30_000 },
    );
    await migrate(shop.dataSource);
    const worker = await starting;
    expect(worker.records()).toContainEqual(expect.objectContaining({ msg: 'the database is not ready, waiting for it' }));
  });
});
