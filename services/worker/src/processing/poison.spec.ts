import { eventually, exportedSamples, samples } from '@tintype/testing';
import { type TestWorker, Workshop } from '../testing/workshop.js';

/** Outputs of these names do harm: see mischief-child.ts. */
describe('jobs that kill their process', () => {
  let shop: Workshop;
  let worker: TestWorker;
  beforeAll(async () => {
    shop = await Workshop.open();
    worker = await shop.worker('mischief', { JOB_TIMEOUT_SECONDS: '2', CHILD_MEMORY_MB: '300' });
  });
  afterAll(() => shop.close());

  const errors = () => byReason('worker_attempt_errors_total');
  const failures = () => byReason('worker_job_failures_total');

  /** How many there are of each reason that has any. */
  async function byReason(name: string): Promise<Record<string, number>> {
    const found = exportedSamples((await worker.metricLines(`${name}{`)).join('\n'));
    return Object.fromEntries(found.filter(({ value }) => value > 0).map(({ labels, value }) => [labels['reason'], value]));
  }

  test('fail, each with its own code, and no other job does', async () => {
    const photo = await samples.photo();
    const innocent = () => shop.submit(photo, { name: 'good', operations: [{ operation: 'blur', sigma: 2 }] });
    const poison = (name: string) => shop.submit(photo, { name }, { name: 'second' });

    const names = ['segfault', 'sigkill', 'exit', 'fault', 'spin', 'hang', 'swell'];
    const poisons = [];
    const innocents = [];
    for (const name of names) {
      innocents.push(await innocent(), await innocent());
      poisons.push(await poison(name));
    }
    innocents.push(await innocent(), await innocent());

    const ends = await Promise.all(poisons.map((job) => shop.ended(job, 90_000)));
    expect(ends.map(({ errorCode, crashCount, attempt }, index) => [names[index], errorCode, crashCount, attempt])).toEqual([
      ['segfault', 'worker_crashed', 3, 3],
      ['sigkill', 'worker_crashed', 3, 3],
      ['exit', 'worker_crashed', 3, 3],
      ['fault', 'worker_crashed', 3, 3],
      // More time will not come.
      ['spin', 'processing_timeout', 1, 1],
      ['hang', 'processing_timeout', 1, 1],
      ['swell', 'memory_limit_exceeded', 3, 3],
    ]);
    for (const { outputs } of ends) expect(outputs.map(({ status }) => status)).toEqual(['failed', 'failed']);
    for (const job of innocents) expect(await shop.ended(job)).toMatchObject({ status: 'completed', attempt: 1, crashCount: 0 });

    expect(await worker.metric('worker_child_exits_total{reason="crashed"}')).toBe(12);
    expect(await worker.metric('worker_child_exits_total{reason="timeout"}')).toBe(2);
    expect(await worker.metric('worker_child_exits_total{reason="memory"}')).toBe(3);
    expect(await worker.metric('worker_job_attempts_total{outcome="crashed"}')).toBe(17);
    expect(await errors()).toEqual({ crash: 12, timeout: 2, memory: 3 });
    expect(await failures()).toEqual({ crash: 4, timeout: 2, memory: 1 });
    expect(await worker.metric('worker_job_end_to_end_seconds_count{priority="normal"}')).toBe(7 + 16);
    expect(await worker.metric('worker_jobs_processed_total{action="convert",status="failed"}')).toBe(14);
    expect(await worker.metric('worker_jobs_processed_total{action="blur",status="completed"}')).toBe(16);
    expect(await shop.outputKeys()).toHaveLength(16);
  });

  test('tell what they wrote before they ended', async () => {
    expect(worker.records()).toContainEqual(
      expect.objectContaining({ msg: 'child process ended', how: 'exit code 7', stderr: expect.stringContaining('last words') }),
    );
  });

  test('are ended within a second when a client cancels them', async () => {
    const job = await shop.submit(await samples.photo(), { name: 'spin' });
    await shop.when(job, ({ status }) => status === 'running');
    const asked = performance.now();
    expect(await shop.intake.cancel(job.id)).toBe('canceling');
    expect(await shop.ended(job)).toMatchObject({ status: 'canceled', errorCode: null, outputs: [{ status: 'canceled' }] });
    expect(performance.now() - asked).toBeLessThan(1_500);
    await eventually(async () => (await worker.metric('worker_job_attempts_total{outcome="canceled"}')) === 1);
    expect(await failures()).toEqual({ crash: 4, timeout: 2, memory: 1 });
    expect(await errors()).toEqual({ crash: 12, timeout: 2, memory: 3 });
    expect(await worker.metric('worker_child_exits_total{reason="canceled"}')).toBe(1);
  });
});
