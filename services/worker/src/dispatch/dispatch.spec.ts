import { type Job, outputKey } from '@tintype/jobs';
import { eventually, samples } from '@tintype/testing';
import { type TestWorker, Workshop } from '../testing/workshop.js';

describe('jobs of which no wake tells', () => {
  let shop: Workshop;
  afterEach(() => shop.close());

  test('are found soon', async () => {
    shop = await Workshop.open();
    const worker = await shop.worker('mischief');
    const job = await shop.submit(await samples.photo(), { name: 'a' });
    expect(await shop.ended(job)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await worker.metric('worker_jobs_found_by_polling_total')).toBe(1);
  });

  test('are found while Redis is away, too', async () => {
    shop = await Workshop.open();
    await shop.worker('mischief', { REDIS_URL: 'redis://127.0.0.1:1' });
    const jobs = await Promise.all([1, 2, 3].map(async () => shop.submit(await samples.photo(), { name: 'a' })));
    for (const job of jobs) expect(await shop.ended(job)).toMatchObject({ status: 'completed', attempt: 1 });
  });

  test('are found when Redis has lost everything, and later wakes work', async () => {
    shop = await Workshop.open();
    const worker = await shop.worker('mischief');
    await shop.flushQueue();
    const job = await shop.submit(await samples.photo(), { name: 'a' });
    expect(await shop.ended(job)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(worker.records().filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a full worker', () => {
  let shop: Workshop;
  afterEach(() => shop.close());

  test('leaves wakes to others and wakes them for what it cannot take itself', async () => {
    shop = await Workshop.open();
    const [one, other] = [await shop.worker('mischief'), await shop.worker('mischief')];
    const jobs = await Promise.all(Array.from({ length: 4 }, async () => shop.submit(await samples.photo(), { name: 'slow' })));
    await eventually(
      async () => (await one.metric('worker_jobs_active')) === 2 && (await other.metric('worker_jobs_active')) === 2,
    );
    for (const job of jobs) expect(await shop.ended(job)).toMatchObject({ status: 'completed', attempt: 1 });
  });

  test('goes on with the next job, after a failed one too, without being told', async () => {
    shop = await Workshop.open();
    const worker = await shop.worker();
    const corrupt = await shop.stored(Buffer.from('nothing to see'));
    const sources = await Promise.all(Array.from({ length: 20 }, async (_, n) => (n % 2 ? samples.photo(64, 48) : corrupt)));
    const jobs = await Promise.all(sources.map((source) => shop.submit(source, { name: 'a' })));
    for (const job of jobs) await shop.ended(job);
    // The first two at most, one for each slot, were found; the others were claimed with the end of these.
    expect(await worker.metric('worker_jobs_found_by_polling_total')).toBeLessThanOrEqual(4);
  });
});

describe('jobs of a worker that fell silent', () => {
  let shop: Workshop;
  let silent: TestWorker;
  let other: TestWorker;
  beforeAll(async () => {
    shop = await Workshop.open();
    silent = await shop.worker('mischief');
    other = await shop.worker('mischief');
  });
  afterAll(() => shop.close());

  /** A job that one of both workers runs, and that worker, stopped in its tracks until its lease has expired. */
  async function silenced(job: Job): Promise<TestWorker> {
    const { workerId } = await shop.when(job, ({ status }) => status === 'running');
    const worker = workerId?.endsWith(`-${silent.pid}`) ? silent : other;
    process.kill(worker.pid, 'SIGSTOP');
    await shop.dataSource.query(`update job set lease_expires_at = now() - interval '1 second' where id = $1`, [job.id]);
    return worker;
  }

  test('are done by another, and the late results of the first change nothing', async () => {
    const job = await shop.submit(await samples.photo(), { name: 'slow' });
    const worker = await silenced(job);
    const ended = await shop.ended(job);
    process.kill(worker.pid, 'SIGCONT');
    expect(ended).toMatchObject({ status: 'completed', attempt: 2, generation: 2, crashCount: 1 });
    await eventually(async () => (await worker.metric('worker_writes_fenced_total')) === 1);
    expect(await worker.metric('worker_job_attempts_total{outcome="fenced"}')).toBe(1);
    expect(await shop.read(job)).toEqual(ended);
    await eventually(async () => (await shop.outputKeys()).join() === outputKey({ id: job.id, generation: 2 }, 'slow'));
    const sweeper = worker === silent ? other : silent;
    expect(await sweeper.metric('worker_leases_expired_total')).toBe(1);
    expect(await sweeper.metric('worker_attempt_errors_total{reason="crash"}')).toBe(1);
    expect(await sweeper.metric('worker_job_end_to_end_seconds_count{priority="normal"}')).toBe(1);
    expect(await worker.metric('worker_job_end_to_end_seconds_count{priority="normal"}')).toBe(0);
    for (const each of [sweeper, worker]) expect(await each.metric('worker_job_failures_total{reason="crash"}')).toBe(0);
  });

  test('count as failed when that happened once too often', async () => {
    const job = await shop.submit(await samples.photo(), { name: 'slow', operations: [{ operation: 'flip' }] });
    await shop.dataSource.query('update job set crash_count = 2 where id = $1', [job.id]);
    const before = new Map<TestWorker, number>();
    for (const each of [silent, other]) before.set(each, (await each.metric('worker_job_attempts_total{outcome="fenced"}')) ?? 0);
    const worker = await silenced(job);
    expect(await shop.ended(job)).toMatchObject({ status: 'failed', errorCode: 'worker_crashed', crashCount: 3 });
    const sweeper = worker === silent ? other : silent;
    await eventually(async () => (await sweeper.metric('worker_jobs_processed_total{action="flip",status="failed"}')) === 1);
    process.kill(worker.pid, 'SIGCONT');
    await eventually(
      async () => (await worker.metric('worker_job_attempts_total{outcome="fenced"}')) === (before.get(worker) ?? 0) + 1,
    );
    const failures = 'worker_job_failures_total{reason="crash"}';
    expect([await sweeper.metric(failures), await worker.metric(failures)]).toEqual([1, 0]);
  });
});
