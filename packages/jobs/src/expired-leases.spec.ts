import { JobDatabase, newJob } from './spec/job-database.js';

let jobs: JobDatabase;
beforeEach(async () => {
  jobs = await JobDatabase.open();
});
afterEach(() => jobs.close());

describe('sweep', () => {
  test('leaves leases that are current', async () => {
    const job = await jobs.running();

    expect(await jobs.expired.sweep()).toEqual([]);

    expect(await jobs.read(job)).toEqual(job);
  });

  test('queues a job of a dead worker again, after a pause', async () => {
    const job = await jobs.running();
    await jobs.passTime(job);

    expect(await jobs.expired.sweep()).toEqual([{ id: job.id, status: 'queued', attempt: 1, crashCount: 1, errorCode: null }]);

    const after = await jobs.read(job);
    expect(after).toMatchObject({
      status: 'queued',
      crashCount: 1,
      leaseToken: null,
      version: job.version + 1,
    });
    expect(Number(after.runAt)).toBeGreaterThan(Date.now() - 1_000);
  });

  test('fails a job that has killed too many workers', async () => {
    const job = await jobs.intake.create(newJob());
    for (let crash = 0; crash < 3; crash++) {
      await jobs.passTime(await jobs.claim(job));
      await jobs.expired.sweep();
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

    expect(await jobs.expired.sweep()).toMatchObject([{ id: job.id, status: 'canceled' }]);
  });

  test('takes every job once for sweepers that work at the same time', async () => {
    const dead = await Promise.all(Array.from({ length: 20 }, () => jobs.running()));
    await Promise.all(dead.map((job) => jobs.passTime(job)));

    const swept = (await Promise.all(Array.from({ length: 5 }, () => jobs.expired.sweep()))).flat();

    expect(swept.map(({ id }) => id).toSorted()).toEqual(dead.map(({ id }) => id).toSorted());
  });
});
