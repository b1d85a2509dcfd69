import { createHash } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputKey } from '@tintype/jobs';
import { samples } from '@tintype/testing';
import { type TestWorker, Workshop } from '../testing/workshop.js';

describe.each(['redis', 'postgres'] as const)('a worker that is woken through %s', (backend) => {
  let shop: Workshop;
  let worker: TestWorker;
  beforeAll(async () => {
    shop = await Workshop.open({ backend });
    worker = await shop.worker();
  });
  afterAll(() => shop.close());

  test('makes every output of a job, and stores and records it', async () => {
    const job = await shop.submit(
      await samples.photo(640, 480),
      { name: 'small', format: 'webp', operations: [{ operation: 'resize', width: 160 }] },
      { name: 'gray', format: 'jpeg', operations: [{ operation: 'grayscale' }, { operation: 'resize', width: 320 }] },
      { name: 'colour', analysis: 'dominantColour' },
    );
    const ended = await shop.ended(job);
    expect(ended).toMatchObject({ status: 'completed', attempt: 1, generation: 1, crashCount: 0, errorCode: null });
    expect(ended).toMatchObject({ sourceFormat: 'jpeg', sourceWidth: 640, sourceHeight: 480, sourcePages: 1 });
    expect(ended.outputs).toMatchObject([
      { name: 'small', status: 'completed', format: 'webp', mediaType: 'image/webp', width: 160, height: 120 },
      { name: 'gray', status: 'completed', format: 'jpeg', mediaType: 'image/jpeg', width: 320, height: 240 },
      { name: 'colour', status: 'completed', format: null, value: expect.anything() },
    ]);
    expect(await shop.outputKeys()).toEqual([
      outputKey({ id: job.id, generation: 1 }, 'gray'),
      outputKey({ id: job.id, generation: 1 }, 'small'),
    ]);
    for (const { storageKey, bytes, sha256 } of ended.outputs.slice(0, 2)) {
      const stored = await shop.bytes(storageKey ?? '');
      expect([stored.length, createHash('sha256').update(stored).digest('hex')]).toEqual([bytes, sha256]);
    }
    const left = await readdir(join(shop.storageDirectory, '.tmp'), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });

  test('takes a wake as soon as it is sent, and then everything that is due', async () => {
    await shop.dataSource.query(`alter table job alter column run_at set default now() + interval '1 hour'`);
    const foundBefore = (await worker.metric('worker_jobs_found_by_polling_total')) ?? 0;
    for (let round = 0; round < 10; round += 1) {
      const jobs = await Promise.all(
        Array.from({ length: 5 }, async () => shop.submit(await samples.photo(64, 48), { name: 'same' })),
      );
      await shop.dataSource.query(`update job set run_at = now() where status = 'queued'`);
      await shop.wake();
      for (const job of jobs) expect(await shop.ended(job)).toMatchObject({ status: 'completed', generation: 1 });
    }
    // Without wakes all ten rounds would begin with two jobs, one for each slot, that were found by looking.
    expect(await worker.metric('worker_jobs_found_by_polling_total')).toBeLessThan(foundBefore + 10);
    await shop.dataSource.query(`alter table job alter column run_at set default now()`);
  });
});

describe('a worker', () => {
  let shop: Workshop;
  let worker: TestWorker;
  beforeAll(async () => {
    shop = await Workshop.open();
    worker = await shop.worker('real', { INPUT_MAX_PIXELS: '400000', INPUT_FORMATS: 'jpeg,png' });
  });
  afterAll(() => shop.close());

  test('says how many jobs it runs at once, and why', () => {
    expect(worker.records()).toContainEqual(
      expect.objectContaining({
        msg: 'capacity',
        concurrency: 2,
        concurrencyFrom: 'WORKER_CONCURRENCY',
        cpus: expect.any(Number),
      }),
    );
  });

  test.each([
    ['text', samples.text(), 'unsupported_format'],
    ['an SVG', samples.svg(), 'unsupported_format'],
    ['of a format that is switched off', samples.animatedGif(), 'unsupported_format'],
    ['a bomb', samples.pngBomb(), 'pixel_limit_exceeded'],
    ['larger than the settings allow', samples.photo(800, 600), 'pixel_limit_exceeded'],
  ])('fails a job whose source is %s at once', async (_, source, code) => {
    const ended = await shop.ended(await shop.submit(await source, { name: 'a' }, { name: 'b', analysis: 'metadata' }));
    expect(ended).toMatchObject({ status: 'failed', attempt: 1, errorCode: code });
    expect(ended.outputs).toMatchObject([
      { status: 'failed', errorCode: code },
      { status: 'failed', errorCode: code },
    ]);
  });

  test('keeps the outputs that were possible when another was not', async () => {
    const crop = { operation: 'crop', left: 600, top: 0, width: 300, height: 10 };
    const ended = await shop.ended(await shop.submit(await samples.photo(), { name: 'no', operations: [crop] }, { name: 'yes' }));
    expect(ended).toMatchObject({ status: 'failed', errorCode: 'invalid_operation', errorOutput: 'no' });
    expect(ended.outputs).toMatchObject([
      { name: 'no', status: 'failed', errorCode: 'invalid_operation' },
      { name: 'yes', status: 'completed', width: 640 },
    ]);
    expect(await shop.outputKeys()).toContain(ended.outputs[1]?.storageKey);
  });

  test('reads the second images of operations', async () => {
    const base = await shop.ended(await shop.submit(await samples.icon(), { name: 'mark', format: 'png' }));
    const composite = { operation: 'composite', image: { job_id: base.id, output: 'mark' } };
    const ended = await shop.ended(await shop.submit(await samples.photo(), { name: 'marked', operations: [composite] }));
    expect(ended).toMatchObject({ status: 'completed' });
  });

  test('fails a job whose source is gone', async () => {
    const source = await shop.stored(await samples.photo());
    await shop.storage.delete([source.storageKey]);
    expect(await shop.ended(await shop.submit(source, { name: 'a' }))).toMatchObject({
      status: 'failed',
      errorCode: 'source_missing',
    });
  });

  test('puts a job off while the storage is away, for longer than its attempts would last, and then does it', async () => {
    const away = await Workshop.open();
    try {
      const source = await away.stored(await samples.photo());
      // It cannot make directories there, and so neither place the result nor make room for it.
      const outputs = join(away.storageDirectory, 'outputs');
      await writeFile(outputs, 'in the way');
      await away.worker('real', { LOG_LEVEL: 'info' });
      const job = await away.submit(source, { name: 'a' });
      await away.when(job, ({ status, generation }) => status === 'queued' && generation >= 3);
      expect(await away.read(job)).toMatchObject({ attempt: 0, errorCode: null });
      await rm(outputs);
      expect(await away.ended(job)).toMatchObject({ status: 'completed', attempt: 1 });
    } finally {
      await away.close();
    }
  });

  test('writes one line for every attempt', async () => {
    const ended = await shop.ended(await shop.submit(await samples.photo(), { name: 'a' }));
    const lines = worker.records().filter(({ job }) => job === ended.id);
    expect(lines).toEqual([
      expect.objectContaining({
        msg: 'attempt ended',
        level: 'info',
        outcome: 'completed',
        status: 'completed',
        attempt: 1,
        generation: 1,
        ms: expect.objectContaining({
          fetch: expect.any(Number),
          decode: 0,
          transform: expect.any(Number),
          encode: expect.any(Number),
          store: expect.any(Number),
          record: expect.any(Number),
        }),
      }),
    ]);
  });
});
