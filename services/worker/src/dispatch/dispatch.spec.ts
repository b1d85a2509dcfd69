import { type Job, outputKey } from '@tintype/jobs';
import { eventually, samples } from '@tintype/testing';
import { type TestWorker, Workshop } from '../testing/workshop.js';

describe('jobs that the queue does not know', () => {
  let shop: Workshop;
  let worker: TestWorker;
  beforeAll(async () => {
    shop = await Workshop.open();
    worker = await shop.worker('mischief');
  });
  afterAll(() => shop.close());

  test('are found when their wake was lost', async () => {
    const job = await shop.submit(await samples.photo(), { name: 'a' });
    expect(await shop.ended(job)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await worker.metric('worker_jobs_redispatched_total')).toBe(1);
  });

  test('are sent again when Redis has lost everything', async () => {
    // As if the wake had been sent already.
    await shop.dataSource.query('alter table job alter column dispatched_at set default now()');
    const job = await shop.submit(await samples.photo(), { name: 'a' });
    await shop.dataSource.query('alter table job alter column dispatched_at drop default');
    await shop.flushQueue();
    expect(await shop.ended(job)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(worker.records()).toContainEqual(
      expect.objectContaining({ msg: 'the queue has lost its messages, they are sent again', jobs: 1 }),
    );
    expect(await worker.metric('worker_jobs_redispatched_total')).toBe(2);
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
    expect(await (worker === silent ? other : silent).metric('worker_leases_expired_total')).toBe(1);
  });

  test('count as failed when that happened once too often', async () => {
    const job = await shop.submit(await samples.photo(), { name: 'slow', operations: [{ operation: 'flip' }] });
    await shop.dataSource.query('update job set crash_count = 2 where id = $1', [job.id]);
    const worker = await silenced(job);
    expect(await shop.ended(job)).toMatchObject({ status: 'failed', errorCode: 'worker_crashed', crashCount: 3 });
    const sweeper = worker === silent ? other : silent;
    await eventually(async () => (await sweeper.metric('worker_jobs_processed_total{action="flip",status="failed"}')) === 1);
    process.kill(worker.pid, 'SIGCONT');
  });
});
