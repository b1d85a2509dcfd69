import { JobDatabase, newJob } from './spec/job-database.js';
import type { Wake } from './queue.js';

let jobs: JobDatabase;
beforeEach(async () => {
  jobs = await JobDatabase.open();
});
afterEach(() => jobs.close());

describe('due', () => {
  test('sends what the queue was not told of, the most urgent first, and marks it', async () => {
    const first = await jobs.intake.create(newJob());
    const second = await jobs.intake.create(newJob());
    const urgent = await jobs.intake.create(newJob({ priority: 1 }));

    expect(await due()).toEqual([urgent, first, second].map(({ id }) => ({ id, generation: 0 })));
    expect(await due()).toEqual([]);
  });

  test('sends at most as many as asked for', async () => {
    for (let count = 0; count < 3; count++) await jobs.intake.create(newJob());

    expect(await due(2)).toHaveLength(2);
    expect(await due(2)).toHaveLength(1);
  });

  test('leaves them due when sending fails', async () => {
    await jobs.intake.create(newJob());

    await expect(jobs.dispatch.due(10, () => Promise.reject(new Error('no queue')))).rejects.toThrow('no queue');

    expect(await due()).toHaveLength(1);
  });

  test('sends again what nobody came for within a minute', async () => {
    const job = await jobs.intake.create(newJob());
    await due();
    await jobs.dataSource.query(`update job set dispatched_at = now() - interval '61 s'`);

    expect(await due()).toEqual([{ id: job.id, generation: 0 }]);
    expect(await due()).toEqual([]);
  });

  test('sends neither jobs that wait, nor running, nor finished ones', async () => {
    const waiting = await jobs.running();
    await jobs.leases.retry(waiting.id, waiting.leaseToken, { code: 'storage_unavailable' });
    await jobs.running();
    await jobs.completed();

    expect(await due()).toEqual([]);
  });

  test('sends every job once for dispatchers that work at the same time', async () => {
    const created = await Promise.all(Array.from({ length: 30 }, () => jobs.intake.create(newJob())));

    const sent = (await Promise.all(Array.from({ length: 5 }, () => due(10)))).flat();

    expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
    const rest = await due(100);
    expect([...sent, ...rest].map(({ id }) => id).toSorted()).toEqual(created.map(({ id }) => id).toSorted());
  });

  test('sends everything again when the queue has lost it', async () => {
    await jobs.intake.create(newJob());
    await jobs.intake.create(newJob());
    await due();

    expect(await jobs.dispatch.forgetDispatched()).toBe(2);

    expect(await due()).toHaveLength(2);
  });

  test('does not send what was marked as sent', async () => {
    const job = await jobs.intake.create(newJob());

    await jobs.dispatch.markDispatched([job.id]);

    expect(await due()).toEqual([]);
  });
});

describe('sweep', () => {
  test('leaves leases that are current', async () => {
    const job = await jobs.running();

    expect(await jobs.dispatch.sweep()).toEqual([]);

    expect(await jobs.read(job)).toEqual(job);
  });

  test('queues a job of a dead worker again, after a pause', async () => {
    const job = await jobs.running();
    await jobs.passTime(job);

    expect(await jobs.dispatch.sweep()).toEqual([{ id: job.id, status: 'queued', attempt: 1, crashCount: 1, errorCode: null }]);

    const after = await jobs.read(job);
    expect(after).toMatchObject({
      status: 'queued',
      crashCount: 1,
      leaseToken: null,
      dispatchedAt: null,
      version: job.version + 1,
    });
    expect(Number(after.runAt)).toBeGreaterThan(Date.now() - 1_000);
  });

  test('fails a job that has killed too many workers', async () => {
    const job = await jobs.intake.create(newJob());
    for (let generation = 0; generation < 3; generation++) {
      await jobs.passTime(await jobs.claim({ id: job.id, generation }));
      await jobs.dispatch.sweep();
      await jobs.passTime(job);
    }

    expect(await jobs.read(job)).toMatchObject({
      status: 'failed',
      crashCount: 3,
      errorCode: 'worker_crashed',
      outputs: [{ status: 'failed', errorCode: 'worker_crashed' }],
    });
  });

  test('ends a job canceled whose cancellation was requested', async () => {
    const job = await jobs.running();
    await jobs.intake.cancel(job.id);
    await jobs.passTime(job);

    expect(await jobs.dispatch.sweep()).toMatchObject([{ id: job.id, status: 'canceled' }]);
  });

  test('takes every job once for sweepers that work at the same time', async () => {
    const dead = await Promise.all(Array.from({ length: 20 }, () => jobs.running()));
    await Promise.all(dead.map((job) => jobs.passTime(job)));

    const swept = (await Promise.all(Array.from({ length: 5 }, () => jobs.dispatch.sweep()))).flat();

    expect(swept.map(({ id }) => id).toSorted()).toEqual(dead.map(({ id }) => id).toSorted());
  });
});

async function due(limit = 100): Promise<Wake[]> {
  const sent: Wake[] = [];
  const count = await jobs.dispatch.due(limit, async (wakes) => void sent.push(...wakes));
  expect(count).toBe(sent.length);
  return sent;
}
