import { type ImageReference, Output } from '@tintype/operations';
import { v7 as uuidv7 } from 'uuid';
import type { ClaimedJob } from './job-leases.js';
import { image, JobDatabase, newJob, outputs, source, storedFile } from './spec/job-database.js';

let jobs: JobDatabase;
beforeAll(async () => {
  jobs = await JobDatabase.open();
});
afterAll(() => jobs.close());

describe('create', () => {
  test('stores the job as it was asked for and gives it back as it can be read later', async () => {
    const specs = [
      Output.parse({ name: 'b', operations: [{ operation: 'resize', width: 10 }] }),
      Output.parse({ name: 'a', analysis: 'metadata' }),
    ];

    const job = await jobs.intake.create(
      newJob({ outputs: specs, metadata: { order: 7 }, priority: 'bulk', requestId: 'r-1', trace: '00-1-2-01' }),
    );

    expect(job).toMatchObject({ status: 'queued', attempt: 0, generation: 0, version: 1, priority: -1 });
    expect(job).toMatchObject({ metadata: { order: 7 }, requestId: 'r-1', trace: '00-1-2-01' });
    expect(job.outputs.map(({ name, spec, status }) => ({ name, spec, status }))).toEqual([
      { name: 'b', spec: specs[0], status: 'queued' },
      { name: 'a', spec: specs[1], status: 'queued' },
    ]);
    expect(await jobs.read(job)).toEqual(job);
  });

  test('reads an upload and an output of another job by reference, and remembers which', async () => {
    const upload = await jobs.uploads.create({ id: uuidv7(), ...storedFile() });
    const earlier = await jobs.completed();
    const overlay = { job_id: earlier.id, output: 'small' };

    const job = await jobs.intake.create(newJob({ source: { upload_id: upload.id }, outputs: withOverlays(overlay, overlay) }));

    expect(job.inputs).toHaveLength(2);
    expect(job.inputs[0]).toMatchObject({
      role: 'source',
      uploadId: upload.id,
      storageKey: upload.storageKey,
      bytes: upload.bytes,
    });
    expect(job.inputs[1]).toMatchObject({
      role: 'overlay',
      fromJobId: earlier.id,
      fromOutput: 'small',
      bytes: 99,
      format: 'png',
    });
    expect(job.inputs[1]?.storageKey).toBe(earlier.outputs[0]?.storageKey);
  });

  test('creates nothing when references lead nowhere, and tells which', async () => {
    const unfinished = await jobs.intake.create(newJob());
    const completed = await jobs.completed();
    const missing: ImageReference[] = [
      { upload_id: uuidv7() },
      { job_id: unfinished.id, output: 'small' },
      { job_id: completed.id, output: 'other' },
    ];
    const job = newJob({ id: uuidv7(), outputs: withOverlays(...missing, { job_id: completed.id, output: 'small' }) });

    await expect(jobs.intake.create(job)).rejects.toMatchObject({ name: 'ReferencesNotFoundError', references: missing });

    expect(await jobs.reader.find(job.id as string)).toBeUndefined();
  });

  test('does not take the result of an analysis for an image', async () => {
    const claimed = await jobs.running();
    await jobs.leases.complete(claimed.id, claimed.leaseToken, { outputs: [{ name: 'small', status: 'completed', value: {} }] });
    const reference = { job_id: claimed.id, output: 'small' };

    await expect(jobs.intake.create(newJob({ source: reference }))).rejects.toMatchObject({ references: [reference] });
  });
});

describe('create, of many at the same time', () => {
  test('gives each its own answer', async () => {
    const upload = await jobs.uploads.create({ id: uuidv7(), ...storedFile() });
    const missing = { upload_id: uuidv7() };
    const wanted = Array.from({ length: 120 }, (_, index) => {
      const from = [storedFile(), { upload_id: upload.id }, missing][index % 3];
      return newJob({ ...(from && { source: from }), outputs: outputs(`of-${index}`), metadata: { index } });
    });

    const results = await Promise.allSettled(wanted.map((job) => jobs.intake.create(job)));

    for (const [index, result] of results.entries()) {
      const expected =
        index % 3 === 2
          ? { reason: { references: [missing] } }
          : { value: { metadata: { index }, outputs: [{ name: `of-${index}` }], inputs: [{ role: 'source' }] } };
      expect(result).toMatchObject(expected);
      if (result.status === 'fulfilled') expect(await jobs.read(result.value)).toEqual(result.value);
    }
  });

  test('fails only the one that the database refuses', async () => {
    const broken = newJob({ metadata: { text: 'a\u0000b' } });
    const wanted = [newJob(), newJob(), newJob(), broken, newJob(), newJob()];

    const results = await Promise.allSettled(wanted.map((job) => jobs.intake.create(job)));

    expect(results.map(({ status }) => status)).toEqual(wanted.map((job) => (job === broken ? 'rejected' : 'fulfilled')));
  });
});

describe('cancel', () => {
  test('ends a queued job and its outputs at once', async () => {
    const job = await jobs.intake.create(newJob());

    expect(await jobs.intake.cancel(job.id)).toBe('canceled');

    expect(await jobs.read(job)).toMatchObject({ status: 'canceled', version: 2, outputs: [{ status: 'canceled' }] });
    expect(await jobs.tryToClaim(job.id)).toBeUndefined();
  });

  test('is answered again as before when repeated', async () => {
    const queued = await jobs.intake.create(newJob());
    const running = await jobs.running();

    for (const round of [1, 2]) {
      expect([round, await jobs.intake.cancel(queued.id), await jobs.intake.cancel(running.id)]).toEqual([
        round,
        'canceled',
        'canceling',
      ]);
    }
  });

  test('leaves finished and unknown jobs alone', async () => {
    const job = await jobs.completed();

    expect(await jobs.intake.cancel(job.id)).toBe('finished');
    expect(await jobs.intake.cancel(uuidv7())).toBe('not_found');

    expect(await jobs.read(job)).toEqual(job);
  });

  test('and a claim at the same time never both win', async () => {
    for (let round = 0; round < 20; round++) {
      const job = await jobs.intake.create(newJob());
      const [claimed, outcome] = await Promise.all([jobs.tryToClaim(job.id), jobs.intake.cancel(job.id)]);
      expect(outcome).toBe(claimed ? 'canceling' : 'canceled');
    }
  });
});

describe('retry', () => {
  test('queues a failed job as if it were new, with all outputs to be made again', async () => {
    const job = await jobs.running({ outputs: outputs('good', 'bad') });
    const good = image('good');
    await jobs.leases.complete(job.id, job.leaseToken, {
      source,
      outputs: [good, { name: 'bad', status: 'failed', code: 'invalid_operation' }],
    });

    const { outcome, keys } = await jobs.intake.retry(job.id);

    expect(outcome).toBe('retried');
    expect(keys).toEqual(['storageKey' in good && good.storageKey]);
    expect(await jobs.read(job)).toMatchObject({
      status: 'queued',
      retries: 1,
      attempt: 1,
      maxAttempts: 6,
      maxCrashes: 3,
      errorCode: null,
      finishedAt: null,
      outputs: [
        { status: 'queued', storageKey: null },
        { status: 'queued', errorCode: null },
      ],
    });
    const again = await jobs.claim(job);
    expect(again).toMatchObject({ attempt: 2, generation: 2 });
    await jobs.leases.complete(job.id, again.leaseToken, { source, outputs: [image('good'), image('bad')] });
    expect(await jobs.read(job)).toMatchObject({ status: 'completed' });
  });

  test('is refused for other jobs, and when the files are gone', async () => {
    const [queued, completed] = [await jobs.intake.create(newJob()), await jobs.completed()];
    const failed = await jobs.running();
    await jobs.leases.fail(failed.id, failed.leaseToken, { code: 'corrupt_image' });
    await jobs.dataSource.query('update job set results_expired_at = now() where id = $1', [failed.id]);

    const outcomes = await Promise.all(
      [queued.id, completed.id, failed.id, uuidv7()].map(async (id) => (await jobs.intake.retry(id)).outcome),
    );

    expect(outcomes).toEqual(['not_failed', 'not_failed', 'expired', 'not_found']);
  });

  test('is refused while an unfinished job reads one of its outputs', async () => {
    const failed = await partlyFailed();
    const reader = await jobs.intake.create(newJob({ source: { job_id: failed.id, output: 'good' } }));

    expect(await jobs.intake.retry(failed.id)).toEqual({ outcome: 'in_use', keys: [] });
    await jobs.intake.cancel(reader.id);
    expect(await jobs.intake.retry(failed.id)).toMatchObject({ outcome: 'retried' });
  });

  test('of a job and a new job that reads it at the same time never both win', async () => {
    for (let round = 0; round < 20; round++) {
      const failed = await partlyFailed();
      const [created, retried] = await Promise.allSettled([
        jobs.intake.create(newJob({ source: { job_id: failed.id, output: 'good' } })),
        jobs.intake.retry(failed.id),
      ]);
      const outcome = retried.status === 'fulfilled' ? retried.value.outcome : retried.reason;
      expect(outcome).toBe(created.status === 'fulfilled' ? 'in_use' : 'retried');
    }
  });

  /** A failed job with an output that can be read. */
  async function partlyFailed(): Promise<ClaimedJob> {
    const job = await jobs.running({ outputs: outputs('good', 'bad') });
    const bad = { name: 'bad', status: 'failed', code: 'invalid_operation' } as const;
    await jobs.leases.complete(job.id, job.leaseToken, { source, outputs: [image('good'), bad] });
    return job;
  }
});

describe('delete', () => {
  test('removes a finished job with its rows and tells which files were its own', async () => {
    const file = storedFile();
    const job = await jobs.completed({ source: file });

    const { outcome, keys } = await jobs.intake.delete(job.id);

    expect(outcome).toBe('deleted');
    expect(keys.toSorted()).toEqual([job.outputs[0]?.storageKey, file.storageKey].toSorted());
    expect(await jobs.reader.find(job.id)).toBeUndefined();
    expect(await jobs.reader.output(job.id, 'small')).toBeUndefined();
  });

  test('leaves the files of uploads and of other jobs', async () => {
    const upload = await jobs.uploads.create({ id: uuidv7(), ...storedFile() });
    const earlier = await jobs.completed();
    const job = await jobs.intake.create(
      newJob({ source: { upload_id: upload.id }, outputs: withOverlays({ job_id: earlier.id, output: 'small' }) }),
    );

    expect(await jobs.intake.delete(job.id)).toEqual({ outcome: 'deleted', keys: [] });
  });

  test('is refused while the job is running', async () => {
    const job = await jobs.running();

    expect(await jobs.intake.delete(job.id)).toEqual({ outcome: 'running', keys: [] });

    expect(await jobs.reader.find(job.id)).toBeDefined();
  });

  test('is refused while an unfinished job reads one of its outputs', async () => {
    const earlier = await jobs.completed();
    const reader = await jobs.intake.create(newJob({ source: { job_id: earlier.id, output: 'small' } }));

    expect(await jobs.intake.delete(earlier.id)).toEqual({ outcome: 'in_use', keys: [] });
    await jobs.intake.cancel(reader.id);
    expect(await jobs.intake.delete(earlier.id)).toMatchObject({ outcome: 'deleted' });
  });

  test('of a job and a new job that reads it at the same time never both win', async () => {
    for (let round = 0; round < 20; round++) {
      const earlier = await jobs.completed();
      const [created, deleted] = await Promise.allSettled([
        jobs.intake.create(newJob({ source: { job_id: earlier.id, output: 'small' } })),
        jobs.intake.delete(earlier.id),
      ]);
      const outcome = deleted.status === 'fulfilled' ? deleted.value.outcome : deleted.reason;
      expect(outcome).toBe(created.status === 'fulfilled' ? 'in_use' : 'deleted');
    }
  });

  test('finds nothing to do for an unknown job', async () => {
    expect(await jobs.intake.delete(uuidv7())).toEqual({ outcome: 'not_found', keys: [] });
  });
});

/** One output that lays these over its image. */
function withOverlays(...images: ImageReference[]): Output[] {
  return [Output.parse({ name: 'small', operations: images.map((reference) => ({ operation: 'composite', image: reference })) })];
}
