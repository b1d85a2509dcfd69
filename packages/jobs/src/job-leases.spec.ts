import { v4 as uuidv4 } from 'uuid';
import type { ClaimedJob } from './job-leases.js';
import { claimOptions, image, JobDatabase, justBegun, newJob, outputs, source } from './spec/job-database.js';
import type { Status } from './status.js';

let jobs: JobDatabase;
beforeAll(async () => {
  jobs = await JobDatabase.open();
});
afterAll(() => jobs.close());

const failure = { code: 'storage_unavailable', detail: 'no answer' } as const;

describe('claim', () => {
  test('gives all that a worker needs, and begins an attempt', async () => {
    const job = await jobs.intake.create(newJob());

    const claimed = await jobs.claim(job);

    expect(claimed).toMatchObject({ id: job.id, status: 'running', attempt: 1, generation: 1, workerId: 'worker-1', version: 2 });
    expect(claimed.startedAt).toBeInstanceOf(Date);
    expect(claimed.outputs).toEqual(job.outputs);
    expect(claimed.inputs).toEqual(job.inputs);
    expect(await jobs.read(job)).toEqual(claimed);
  });

  test('takes the most urgent jobs first, then those that have waited longest, and no more than asked for', async () => {
    const own = await JobDatabase.open();
    const first = await own.intake.create(newJob());
    const second = await own.intake.create(newJob());
    const urgent = await own.intake.create(newJob({ priority: 'interactive' }));

    expect((await own.leases.claim(1, claimOptions())).map(({ id }) => id)).toEqual([urgent.id]);
    expect((await own.leases.claim(1, claimOptions())).map(({ id }) => id)).toEqual([first.id]);
    await own.intake.create(newJob());
    expect((await own.leases.claim(1, claimOptions())).map(({ id }) => id)).toEqual([second.id]);
    expect(await own.leases.claim(5, claimOptions())).toHaveLength(1);
    expect(await own.leases.claim(5, claimOptions())).toEqual([]);
    await own.close();
  });

  test('gives every job once to workers that claim at the same time', async () => {
    const own = await JobDatabase.open();
    const created = await Promise.all(Array.from({ length: 30 }, () => own.intake.create(newJob())));

    const claims = (await Promise.all(Array.from({ length: 20 }, () => own.leases.claim(4, claimOptions())))).flat();

    expect(claims.map(({ id }) => id).toSorted()).toEqual(created.map(({ id }) => id).toSorted());
    await own.close();
  });

  test('is answered again, and takes no more, when its answer was lost and it is repeated with its token', async () => {
    const own = await JobDatabase.open();
    await Promise.all(Array.from({ length: 5 }, () => own.intake.create(newJob())));
    const options = claimOptions();

    const first = await own.leases.claim(2, options);
    const second = await own.leases.claim(2, options);

    expect(first).toHaveLength(2);
    expect(second.toSorted(byId)).toEqual(first.toSorted(byId));
    await own.close();
  });

  test('leaves jobs whose pause is not over, running and finished ones', async () => {
    const own = await JobDatabase.open();
    const waiting = await own.running();
    await own.leases.retry(waiting.id, waiting.leaseToken, failure);
    await own.running();
    await own.completed();

    expect(await own.leases.claim(5, claimOptions())).toEqual([]);

    await own.passTime(waiting);
    expect(await own.leases.claim(5, claimOptions())).toMatchObject([{ id: waiting.id, attempt: 2, generation: 2 }]);
    await own.close();
  });
});

describe('extend', () => {
  test('renews the lease, and tells of a requested cancellation', async () => {
    const job = await jobs.running();

    expect(await jobs.leases.extend(job.id, job.leaseToken, 90, justBegun)).toBe('held');
    const { leaseExpiresAt } = await jobs.read(job);
    await jobs.intake.cancel(job.id);

    expect(Number(leaseExpiresAt) - Number(job.leaseExpiresAt)).toBeGreaterThan(59_000);
    expect(await jobs.leases.extend(job.id, job.leaseToken, 90, justBegun)).toBe('cancel');
  });

  test('writes nothing while most of the time is left', async () => {
    const job = await jobs.running();

    expect(await jobs.leases.extend(job.id, job.leaseToken, claimOptions().leaseSeconds, justBegun)).toBe('held');

    expect((await jobs.read(job)).leaseExpiresAt).toEqual(job.leaseExpiresAt);
  });

  test('tells clients how far it is, which changes the version, and only then', async () => {
    const job = await jobs.running({ outputs: outputs('a', 'b') });
    const progress = { stage: 'process', outputsDone: 1 } as const;

    expect(await jobs.leases.extend(job.id, job.leaseToken, 30, progress)).toBe('held');
    expect(await jobs.leases.extend(job.id, job.leaseToken, 30, progress)).toBe('held');

    expect(await jobs.read(job)).toMatchObject({ ...progress, version: job.version + 1 });
    await jobs.leases.release(job.id, job.leaseToken);
    expect(await jobs.read(job)).toMatchObject({ stage: null, outputsDone: 0, version: job.version + 2 });
  });

  test('tells that the lease is lost', async () => {
    const job = await jobs.running();
    await jobs.leases.release(job.id, job.leaseToken);

    expect(await jobs.leases.extend(job.id, job.leaseToken, 90, justBegun)).toBe('lost');
  });
});

describe('complete', () => {
  test('writes every result and what the source was', async () => {
    const job = await jobs.running({ outputs: outputs('a', 'b') });
    const result = image('a');

    const { status } = await jobs.leases.complete(job.id, job.leaseToken, {
      source,
      outputs: [result, { name: 'b', status: 'completed', value: { width: 1 } }],
    });

    expect(status).toBe('completed');
    const after = await jobs.read(job);
    expect(after).toMatchObject({
      status: 'completed',
      errorCode: null,
      sourceFormat: 'png',
      sourceWidth: 96,
      sourcePages: 1,
      version: 3,
    });
    expect(after.outputs[0]).toMatchObject(result);
    expect(after.outputs[1]).toMatchObject({ status: 'completed', value: { width: 1 }, storageKey: null });
  });

  test('keeps the finished outputs of a job that fails by one of them, and names that one', async () => {
    const job = await jobs.running({ outputs: outputs('a', 'b', 'c') });

    const { status } = await jobs.leases.complete(job.id, job.leaseToken, {
      source,
      outputs: [
        { name: 'c', status: 'failed', code: 'output_limit_exceeded' },
        { name: 'b', status: 'failed', code: 'invalid_operation', detail: 'outside the image' },
        image('a'),
      ],
    });

    expect(status).toBe('failed');
    expect(await jobs.read(job)).toMatchObject({
      status: 'failed',
      errorCode: 'invalid_operation',
      errorDetail: 'outside the image',
      errorOutput: 'b',
      outputs: [
        { name: 'a', status: 'completed' },
        { name: 'b', status: 'failed', errorCode: 'invalid_operation' },
        { name: 'c', status: 'failed', errorCode: 'output_limit_exceeded', errorDetail: null },
      ],
    });
  });

  test('ends a job canceled, without results, when that was asked for in the meantime', async () => {
    const job = await jobs.running();
    await jobs.intake.cancel(job.id);

    expect(await complete(job)).toBe('canceled');

    expect(await jobs.read(job)).toMatchObject({ status: 'canceled', outputs: [{ status: 'canceled', storageKey: null }] });
  });

  test('is answered again, and changes nothing more, when its answer was lost and it is repeated', async () => {
    const job = await jobs.running();
    await complete(job);
    const after = await jobs.read(job);

    expect(await complete(job)).toBe('completed');

    expect(await jobs.read(job)).toEqual(after);
  });

  test('claims the next job in the same statement, and once however often that is repeated', async () => {
    const own = await JobDatabase.open();
    const job = await own.running();
    const results = { source, outputs: job.outputs.map(({ name }) => image(name)) };
    const following = await own.intake.create(newJob());
    await own.intake.create(newJob());
    const next = claimOptions();

    const ended = await own.leases.complete(job.id, job.leaseToken, results, next);

    expect(ended.status).toBe('completed');
    expect(ended.next).toEqual(await own.read(following));
    expect(ended.next).toMatchObject({ status: 'running', attempt: 1, generation: 1, leaseToken: next.token });
    expect(await own.leases.complete(job.id, job.leaseToken, results, next)).toEqual(ended);
    await own.close();
  });

  test('claims the next job also when its own was lost, and nothing when nothing is due', async () => {
    const own = await JobDatabase.open();
    const job = await own.running();
    const results = { source, outputs: job.outputs.map(({ name }) => image(name)) };
    await own.leases.release(job.id, job.leaseToken);
    const late = { ...job, leaseToken: uuidv4() };

    const ended = await own.leases.complete(late.id, late.leaseToken, results, claimOptions());

    expect(ended).toMatchObject({ status: undefined, next: { id: job.id, generation: 2 } });
    expect(await own.leases.complete(late.id, late.leaseToken, results, claimOptions())).toEqual({});
    await own.close();
  });

  test('is refused by the database when an output is left out', async () => {
    const job = await jobs.running();

    await expect(jobs.leases.complete(job.id, job.leaseToken, { outputs: [] })).rejects.toMatchObject({
      constraint: 'output_result_check',
    });

    expect(await jobs.read(job)).toMatchObject({ status: 'running' });
  });
});

describe('fail', () => {
  test('ends the job and its outputs', async () => {
    const job = await jobs.running();

    expect(
      await jobs.leases.fail(job.id, job.leaseToken, { code: 'corrupt_image', detail: 'x'.repeat(3000), output: 'small' }),
    ).toBe('failed');

    const after = await jobs.read(job);
    expect(after).toMatchObject({ status: 'failed', errorCode: 'corrupt_image', errorOutput: 'small' });
    expect(after.errorDetail).toHaveLength(2000);
    expect(after.outputs).toMatchObject([{ status: 'failed', errorCode: 'corrupt_image' }]);
  });
});

describe('retry', () => {
  test('queues the job again, after a pause that doubles within its bounds', async () => {
    let job = await jobs.running();
    for (const { attempt, seconds } of [
      { attempt: 1, seconds: 2 },
      { attempt: 2, seconds: 4 },
      { attempt: 3, seconds: 8 },
      { attempt: 4, seconds: 16 },
    ]) {
      expect(job.attempt).toBe(attempt);
      expect(await jobs.leases.retry(job.id, job.leaseToken, failure)).toBe('queued');
      expect(await jobs.read(job)).toMatchObject({ status: 'queued', leaseExpiresAt: null, errorCode: null });
      expect(await pauseSeconds(job)).toBeLessThanOrEqual(seconds);
      expect(await pauseSeconds(job)).toBeGreaterThan(seconds / 2 - 1);
      await jobs.passTime(job);
      job = await jobs.claim(job);
    }

    expect(await jobs.leases.retry(job.id, job.leaseToken, failure)).toBe('failed');

    const after = await jobs.read(job);
    expect(after).toMatchObject({ attempt: 5, errorCode: 'storage_unavailable', errorDetail: 'no answer' });
  });
});

describe('postpone', () => {
  test('queues the job again however often, each time for longer, and counts no attempt', async () => {
    let job = await jobs.running();
    for (const { triedFor, atMost } of [
      { triedFor: 0, atMost: 1 },
      { triedFor: 30, atMost: 15 },
      { triedFor: 4000, atMost: 60 },
      { triedFor: 80_000, atMost: 60 },
      { triedFor: 80_000, atMost: 60 },
      { triedFor: 80_000, atMost: 60 },
    ]) {
      await begun(job, triedFor);
      expect(await jobs.leases.postpone(job.id, job.leaseToken, failure)).toBe('queued');
      expect(await jobs.read(job)).toMatchObject({ status: 'queued', attempt: 0, crashCount: 0, errorCode: null });
      expect(await pauseSeconds(job)).toBeLessThanOrEqual(atMost);
      expect(await pauseSeconds(job)).toBeGreaterThan(atMost / 2 - 1);
      await jobs.passTime(job);
      job = await jobs.claim(job);
    }
  });

  test('fails a job that has been tried for more than a day', async () => {
    const job = await jobs.running();
    await begun(job, 86_500);

    expect(await jobs.leases.postpone(job.id, job.leaseToken, failure)).toBe('failed');

    expect(await jobs.read(job)).toMatchObject({ attempt: 1, errorCode: 'storage_unavailable', errorDetail: 'no answer' });
  });
});

describe('crashed', () => {
  test('tries again until there were too many crashes', async () => {
    let job = await jobs.running();
    for (const crashes of [1, 2]) {
      expect(await jobs.leases.crashed(job.id, job.leaseToken, { code: 'worker_crashed' })).toBe('queued');
      expect(await jobs.read(job)).toMatchObject({ crashCount: crashes });
      await jobs.passTime(job);
      job = await jobs.claim(job);
    }

    expect(await jobs.leases.crashed(job.id, job.leaseToken, { code: 'memory_limit_exceeded' })).toBe('failed');

    expect(await jobs.read(job)).toMatchObject({ crashCount: 3, attempt: 3, errorCode: 'memory_limit_exceeded' });
  });

  test('does not try again when the time was up', async () => {
    const job = await jobs.running();

    expect(await jobs.leases.crashed(job.id, job.leaseToken, { code: 'processing_timeout', detail: '60 s' })).toBe('failed');

    expect(await jobs.read(job)).toMatchObject({ crashCount: 1, errorCode: 'processing_timeout', errorDetail: '60 s' });
  });
});

describe('release', () => {
  test('gives the attempt back, and the job is due at once under a new generation', async () => {
    const job = await jobs.running();

    expect(await jobs.leases.release(job.id, job.leaseToken)).toBe('queued');

    expect(await jobs.read(job)).toMatchObject({ attempt: 0, generation: 1 });
    expect(await jobs.claim(job)).toMatchObject({ attempt: 1, generation: 2 });
  });
});

type End = (job: ClaimedJob) => Promise<Status | undefined>;
const ends: Record<string, End> = {
  complete,
  fail: (job) => jobs.leases.fail(job.id, job.leaseToken, failure),
  postpone: (job) => jobs.leases.postpone(job.id, job.leaseToken, failure),
  retry: (job) => jobs.leases.retry(job.id, job.leaseToken, failure),
  crashed: (job) => jobs.leases.crashed(job.id, job.leaseToken, { code: 'worker_crashed' }),
  release: (job) => jobs.leases.release(job.id, job.leaseToken),
};

describe.each(Object.entries(ends))('%s', (_, end) => {
  test('changes nothing by a worker that has lost its lease', async () => {
    const late = await jobs.running();
    await jobs.passTime(late);
    await jobs.expired.sweep();
    const queued = await jobs.read(late);
    expect(await end(late)).toBeUndefined();
    expect(await jobs.read(late)).toEqual(queued);

    await jobs.passTime(late);
    const current = await jobs.claim(queued);
    expect(await end(late)).toBeUndefined();

    expect(await jobs.read(late)).toEqual(current);
  });

  test('is answered again when repeated, and counts once', async () => {
    const job = await jobs.running();
    const status = await end(job);
    const after = await jobs.read(job);

    expect(await end(job)).toBe(status);

    expect(await jobs.read(job)).toEqual(after);
  });

  test('ends a job canceled whose cancellation was requested', async () => {
    const job = await jobs.running();
    await jobs.intake.cancel(job.id);

    expect(await end(job)).toBe('canceled');

    expect(await jobs.read(job)).toMatchObject({ status: 'canceled', errorCode: null, outputs: [{ status: 'canceled' }] });
  });
});

async function complete(job: ClaimedJob): Promise<Status | undefined> {
  const results = { source, outputs: job.outputs.map(({ name }) => image(name)) };
  return (await jobs.leases.complete(job.id, job.leaseToken, results)).status;
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id.localeCompare(other.id);
}

/** Makes it so long ago that its first attempt began. */
async function begun({ id }: { readonly id: string }, seconds: number): Promise<void> {
  await jobs.dataSource.query('update job set started_at = now() - make_interval(secs => $2) where id = $1', [id, seconds]);
}

async function pauseSeconds({ id }: { readonly id: string }): Promise<number> {
  const [row] = await jobs.dataSource.query<{ pause: number }[]>(
    'select extract(epoch from run_at - now())::float8 as pause from job where id = $1',
    [id],
  );
  return row?.pause ?? Number.NaN;
}
