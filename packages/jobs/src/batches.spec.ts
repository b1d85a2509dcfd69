import type { ImageReference } from '@tintype/operations';
import { v7 as uuidv7 } from 'uuid';
import { BatchDocument, batchDocument } from './batch-document.js';
import { Batches, type CountedBatch, type NewBatch } from './batches.js';
import { IdempotencyKeyLostError, IdempotencyKeys, type IdempotencyAnswer } from './idempotency-keys.js';
import type { JobPosition } from './job-reader.js';
import type { Job } from './job.entity.js';
import { image, JobDatabase, newJob, outputs, source } from './spec/job-database.js';

let jobs: JobDatabase;
let batches: Batches;
beforeAll(async () => {
  jobs = await JobDatabase.open();
  batches = new Batches(jobs.dataSource);
});
afterAll(() => jobs.close());

function create(jobCount: number, change: Partial<NewBatch> = {}): Promise<CountedBatch> {
  return batches.create({ jobs: Array.from({ length: jobCount }, () => newJob()), ...change });
}

async function read({ batch }: CountedBatch): Promise<BatchDocument> {
  const found = await batches.find(batch.id);
  if (!found) throw new Error('not found');
  return BatchDocument.parse(batchDocument(found));
}

async function jobsOf({ batch }: CountedBatch): Promise<Job[]> {
  return [...(await jobs.reader.list({ batchId: batch.id, limit: 1000 })).jobs];
}

async function fail(job: Job): Promise<void> {
  const claimed = await jobs.claim(job);
  await jobs.leases.fail(job.id, claimed.leaseToken, { code: 'corrupt_image' });
}

async function complete(job: Job): Promise<void> {
  const claimed = await jobs.claim(job);
  await jobs.leases.complete(job.id, claimed.leaseToken, { source, outputs: [image('small')] });
}

const none = { queued: 0, running: 0, completed: 0, failed: 0, canceled: 0, deleted: 0 };

describe('create', () => {
  test('stores the batch and each of its jobs as it was asked for', async () => {
    const upload = await jobs.uploads.create({
      id: uuidv7(),
      storageKey: 'uploads/1',
      sha256: 'a'.repeat(64),
      bytes: 1,
      format: 'png',
    });
    const batch = await batches.create({
      jobs: [
        newJob({ metadata: { number: 1 } }),
        newJob({ source: { upload_id: upload.id }, outputs: outputs('a', 'b'), priority: 'bulk' }),
      ],
      metadata: { campaign: 'autumn' },
      requestId: 'r-1',
    });

    expect(await batches.find(batch.batch.id)).toEqual(batch);
    expect(batch.batch).toMatchObject({ total: 2, unfinished: 2, metadata: { campaign: 'autumn' }, requestId: 'r-1' });
    expect(await read(batch)).toMatchObject({ status: 'running', counts: { ...none, total: 2, queued: 2 }, finished_at: null });
    expect((await jobsOf(batch)).toReversed()).toMatchObject([
      { batchId: batch.batch.id, metadata: { number: 1 }, priority: 0, outputs: [{ name: 'small' }] },
      { batchId: batch.batch.id, inputs: [{ uploadId: upload.id }], priority: -1, outputs: [{ name: 'a' }, { name: 'b' }] },
    ]);
  });

  test('creates nothing when one reference of one job leads nowhere, and tells all that do', async () => {
    const [batchesBefore, jobsBefore] = [await count('batch'), await count('job')];
    const missing: ImageReference[] = [{ upload_id: uuidv7() }, { job_id: uuidv7(), output: 'x' }];
    const wanted = [newJob(), ...missing.map((reference) => newJob({ source: reference })), newJob()];

    await expect(batches.create({ jobs: wanted })).rejects.toMatchObject({
      name: 'ReferencesNotFoundError',
      references: missing,
    });

    expect([await count('batch'), await count('job')]).toEqual([batchesBefore, jobsBefore]);
  });

  test('takes a thousand jobs of twenty outputs', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `output-${index}`);
    const batch = await create(1000, { jobs: Array.from({ length: 1000 }, () => newJob({ outputs: outputs(...names) })) });

    expect(await read(batch)).toMatchObject({ counts: { total: 1000, queued: 1000 } });
    expect(await jobsOf(batch)).toHaveLength(1000);
  });
});

describe('an idempotency key', () => {
  test('stands for the batch that its request has created', async () => {
    const keys = new IdempotencyKeys(jobs.dataSource);
    const begun = await keys.begin('batches', 'a', 60);
    if (begun.state !== 'held') throw new Error(begun.state);
    const { batch } = await create(2, { idempotency: { ...begun.held, fingerprint: 'f' } });

    expect(await keys.begin('batches', 'a', 60)).toEqual({ state: 'answered', fingerprint: 'f', id: batch.id });
  });

  test('that went to another request creates nothing', async () => {
    const before = await count('batch');
    const lost: IdempotencyAnswer = { route: 'batches', key: 'b', token: uuidv7(), fingerprint: 'f' };

    await expect(create(2, { idempotency: lost })).rejects.toThrow(IdempotencyKeyLostError);

    expect(await count('batch')).toBe(before);
  });
});

describe('find', () => {
  test('counts the jobs in each state, and finishes with the last of them', async () => {
    const batch = await create(6);
    const [completed, failed, canceled, running, deleted, queued] = (await jobsOf(batch)) as [Job, Job, Job, Job, Job, Job];
    await complete(completed);
    await fail(failed);
    await jobs.intake.cancel(canceled.id);
    const { leaseToken } = await jobs.claim(running);
    await jobs.intake.delete(deleted.id);

    const counts = { total: 6, queued: 1, running: 1, completed: 1, failed: 1, canceled: 1, deleted: 1 };
    expect(await read(batch)).toMatchObject({ status: 'running', counts, finished_at: null });

    await jobs.leases.fail(running.id, leaseToken, { code: 'corrupt_image' });
    expect(await read(batch)).toMatchObject({ status: 'running' });
    await jobs.intake.cancel(queued.id);
    const finished = { ...counts, queued: 0, running: 0, failed: 2, canceled: 2 };
    expect(await read(batch)).toMatchObject({ status: 'finished', counts: finished, finished_at: expect.any(String) });
  });

  test('knows no other batches', async () => {
    expect(await batches.find(uuidv7())).toBeUndefined();
  });
});

test('list has the newest first, in pages that leave no gap', async () => {
  const created: string[] = [];
  for (let number = 0; number < 3; number++) created.unshift((await create(1)).batch.id);
  await jobs.dataSource.query('update batch set created_at = now() where id = any($1)', [created]);

  const seen: string[] = [];
  let after: JobPosition | undefined;
  do {
    const page = await batches.list({ limit: 2, after });
    seen.push(...page.batches.map(({ batch }) => batch.id));
    after = page.next;
  } while (after);

  expect(seen.slice(0, 3)).toEqual(created.toSorted().toReversed());
  expect(seen).toHaveLength(await count('batch'));
});

describe('cancel', () => {
  test('ends what is queued at once, asks the workers of what is running, and leaves what has finished', async () => {
    const batch = await create(4);
    const [completed, running] = (await jobsOf(batch)) as [Job, Job];
    await complete(completed);
    const { leaseToken } = await jobs.claim(running);

    for (let time = 0; time < 2; time++) {
      expect(await batches.cancel(batch.batch.id)).toBe('canceling');
      expect(await read(batch)).toMatchObject({
        status: 'running',
        counts: { ...none, total: 4, running: 1, completed: 1, canceled: 2 },
      });
    }

    expect(await jobs.leases.release(running.id, leaseToken)).toBe('canceled');
    expect(await read(batch)).toMatchObject({ status: 'finished', counts: { ...none, total: 4, completed: 1, canceled: 3 } });
    expect(await batches.cancel(batch.batch.id)).toBe('finished');
    expect(await batches.cancel(uuidv7())).toBe('not_found');
  });

  test('and the ends of its jobs at the same time neither wait for each other nor miscount', async () => {
    for (let round = 0; round < 5; round++) {
      const batch = await create(20, { jobs: Array.from({ length: 20 }, () => newJob({ priority: 'interactive' })) });
      const running = await jobs.leases.claim(10, { workerId: 'w', leaseSeconds: 30, token: uuidv7() });
      await Promise.all([
        ...running.map(({ id, leaseToken }) => jobs.leases.complete(id, leaseToken, { source, outputs: [image('small')] })),
        batches.cancel(batch.batch.id),
        batches.cancel(batch.batch.id),
        ...(await jobsOf(batch)).map(({ id }) => jobs.intake.cancel(id)),
      ]);
      const { status, counts } = await read(batch);
      expect({ status, total: counts.completed + counts.canceled }).toEqual({ status: 'finished', total: 20 });
    }
  });
});

describe('retryFailed', () => {
  test('queues the failed jobs again, and the batch is running until they have ended', async () => {
    const batch = await create(3);
    const [first, second, third] = (await jobsOf(batch)) as [Job, Job, Job];
    await fail(first);
    await fail(second);
    await complete(third);
    expect(await read(batch)).toMatchObject({ status: 'finished', counts: { failed: 2, completed: 1 } });

    expect(await batches.retryFailed(batch.batch.id)).toEqual({ retried: 2, keys: [] });

    expect(await read(batch)).toMatchObject({ status: 'running', counts: { queued: 2, completed: 1 }, finished_at: null });
    await complete(first);
    await jobs.intake.cancel(second.id);
    expect(await read(batch)).toMatchObject({ status: 'finished', counts: { completed: 2, canceled: 1 } });
  });

  test('tells the files that are made again, and leaves jobs whose files are gone or are being read', async () => {
    const batch = await create(3, { jobs: [1, 2, 3].map(() => newJob({ outputs: outputs('good', 'bad') })) });
    const [plain, expired, read_] = (await jobsOf(batch)) as [Job, Job, Job];
    for (const job of [plain, expired, read_]) {
      const { leaseToken } = await jobs.claim(job);
      const bad = { name: 'bad', status: 'failed', code: 'invalid_operation' } as const;
      await jobs.leases.complete(job.id, leaseToken, { source, outputs: [image('good'), bad] });
    }
    const good = await jobs.reader.output(plain.id, 'good');
    await jobs.dataSource.query('update job set results_expired_at = now() where id = $1', [expired.id]);
    await jobs.intake.create(newJob({ source: { job_id: read_.id, output: 'good' } }));

    expect(await batches.retryFailed(batch.batch.id)).toEqual({ retried: 1, keys: [good?.output.storageKey] });

    expect((await jobsOf(batch)).map(({ status }) => status)).toEqual(['queued', 'failed', 'failed']);
  });

  test('has nothing to do where none has failed, and knows no other batches', async () => {
    const batch = await create(1);
    expect(await batches.retryFailed(batch.batch.id)).toEqual({ retried: 0, keys: [] });
    expect(await batches.retryFailed(uuidv7())).toBeUndefined();
  });
});

async function count(table: 'batch' | 'job'): Promise<number> {
  const [row] = await jobs.dataSource.query<{ count: number }[]>(`select count(*)::int from ${table}`);
  return row?.count ?? 0;
}
