import { metricsOf } from '@tintype/metrics';
import { actionIds, Output } from '@tintype/operations';
import { eventually, type ExportedSample, exportedSamples, exportFaults, samples } from '@tintype/testing';
import { type TestWorker, Workshop } from '../testing/workshop.js';

describe('the metrics of a worker', () => {
  let shop: Workshop;
  let worker: TestWorker;
  beforeAll(async () => {
    shop = await Workshop.open();
    worker = await shop.worker();
  });
  afterAll(() => shop.close());

  test('are there before the first job, at zero for every action and status', async () => {
    const lines = await worker.metricLines('worker_jobs_processed_total');
    expect(lines.sort()).toEqual(
      actionIds
        .flatMap((action) =>
          ['completed', 'failed'].map((status) => `worker_jobs_processed_total{action="${action}",status="${status}"} 0`),
        )
        .sort(),
    );
    expect(await worker.metricLines('worker_job_duration_seconds_count')).toEqual(['worker_job_duration_seconds_count 0']);
    expect(await worker.metric('worker_concurrency')).toBe(2);
    expect(await worker.metric('worker_jobs_active')).toBe(0);
  });

  test('count each distinct action of each output once, with what became of the output', async () => {
    const resize = { operation: 'resize', width: 100 };
    const rotate = { operation: 'rotate', angle: 90 };
    const outside = { operation: 'crop', left: 9000, top: 0, width: 10, height: 10 };
    const job = await shop.submit(
      await samples.photo(),
      { name: 'a', operations: [resize, rotate, rotate] },
      { name: 'b', operations: [resize] },
      { name: 'c', format: 'png' },
      { name: 'd', operations: [resize, outside] },
      { name: 'e', analysis: 'metadata' },
    );
    expect(await shop.ended(job)).toMatchObject({ status: 'failed', errorOutput: 'd' });
    const lines = (await worker.metricLines('worker_jobs_processed_total')).filter((line) => !line.endsWith(' 0'));
    expect(lines.sort()).toEqual([
      'worker_jobs_processed_total{action="convert",status="completed"} 2',
      'worker_jobs_processed_total{action="crop",status="failed"} 1',
      'worker_jobs_processed_total{action="resize",status="completed"} 2',
      'worker_jobs_processed_total{action="resize",status="failed"} 1',
      'worker_jobs_processed_total{action="rotate",status="completed"} 1',
    ]);
    expect(await worker.metric('worker_job_duration_seconds_count')).toBe(1);
    expect(await worker.metricLines('worker_job_duration_seconds_bucket{')).toHaveLength(12);
    expect(await worker.metric('worker_job_queue_wait_seconds_count')).toBe(1);
    expect(await worker.metric('worker_job_attempts_total{outcome="failed"}')).toBe(1);
    for (const stage of ['fetch', 'decode', 'transform', 'encode', 'store', 'record']) {
      expect(await worker.metric(`worker_job_stage_duration_seconds_count{stage="${stage}"}`)).toBe(1);
    }
    // `d` has failed.
    expect(await worker.metric('worker_job_failures_total{reason="request"}')).toBe(1);
    expect(await worker.metric('worker_attempt_errors_total{reason="request"}')).toBe(1);
  });

  test('tell of the images, and where their time went, by format', async () => {
    const before = await images();
    const source = await samples.animatedGif({ width: 48, height: 32, frames: 4 });
    const job = await shop.submit(
      await shop.stored(source, 'gif'),
      { name: 'a', format: 'webp' },
      { name: 'b', format: 'png', operations: [{ operation: 'resize', width: 24 }] },
      { name: 'c', analysis: 'metadata' },
    );
    const { outputs } = await shop.ended(job);
    await eventually(async () => (await worker.metric('worker_jobs_active')) === 0);
    const grown = growth(before, await images());

    expect(grown).toMatchObject({
      'worker_source_images_total{format="gif"}': 1,
      'worker_source_bytes_total{format="gif"}': source.length,
      'worker_source_pixels_total{format="gif"}': 48 * 32 * 4,
      'worker_output_images_total{format="webp"}': 1,
      'worker_output_bytes_total{format="webp"}': outputs[0]?.bytes,
      'worker_output_pixels_total{format="webp"}': 48 * 32 * 4,
      'worker_output_images_total{format="png"}': 1,
      'worker_output_bytes_total{format="png"}': outputs[1]?.bytes,
      'worker_output_pixels_total{format="png"}': 24 * 16,
    });
    const timed = ['fetch', 'transform', 'encode', 'store'].map((stage) => [
      stage,
      Object.keys(grown)
        .filter((name) => name.startsWith(`worker_image_stage_seconds_total{stage="${stage}"`))
        .sort(),
    ]);
    const of = (stage: string, ...formats: string[]) => [
      stage,
      formats.map((format) => `worker_image_stage_seconds_total{stage="${stage}",format="${format}"}`),
    ];
    expect(timed).toEqual([of('fetch', 'gif'), of('transform', 'gif'), of('encode', 'png', 'webp'), of('store', 'png', 'webp')]);
    // Both are sums over the outputs.
    for (const stage of ['fetch', 'decode', 'transform', 'encode', 'store']) {
      const byFormat = (await metricsNamed('worker_image_stage_seconds_total')).filter(({ labels }) => labels['stage'] === stage);
      const sum = byFormat.reduce((all, { value }) => all + value, 0);
      expect([stage, sum]).toEqual([
        stage,
        expect.closeTo((await worker.metric(`worker_job_stage_duration_seconds_sum{stage="${stage}"}`)) ?? NaN, 2),
      ]);
    }
  });

  test('tell how long a job took from when it was accepted, by its priority, once for each job', async () => {
    const source = await shop.stored(await samples.photo());
    const outputs = [Output.parse({ name: 'a', operations: [] })];
    const before = await metricsNamed('worker_job_end_to_end_seconds');
    const job = await shop.intake.create({ source, outputs, priority: 'bulk' });
    const { createdAt, finishedAt } = await shop.ended(job);
    const after = await eventually(async () => {
      const now = await metricsNamed('worker_job_end_to_end_seconds');
      return valueOf(now, '_count', 'bulk') === valueOf(before, '_count', 'bulk') + 1 && now;
    });
    const took = (Number(finishedAt) - Number(createdAt)) / 1000;
    expect(valueOf(after, '_sum', 'bulk') - valueOf(before, '_sum', 'bulk')).toBeCloseTo(took, 1);
    expect(valueOf(after, '_count', 'normal')).toBe(valueOf(before, '_count', 'normal'));

    // A broken picture, and then the same again because a client wants it.
    const broken = await shop.intake.create({ source: await shop.stored(samples.text()), outputs, priority: 'interactive' });
    await shop.ended(broken);
    await eventually(async () => (await worker.metric('worker_job_failures_total{reason="picture"}')) === 1);
    await shop.dataSource.query(`update job set created_at = created_at - interval '1 hour' where id = $1`, [broken.id]);
    await shop.intake.retry(broken.id);
    await shop.ended(broken);
    await eventually(async () => (await worker.metric('worker_job_failures_total{reason="picture"}')) === 2);
    expect(valueOf(await metricsNamed('worker_job_end_to_end_seconds'), '_sum', 'interactive')).toBeLessThan(60);
    expect(valueOf(await metricsNamed('worker_job_end_to_end_seconds'), '_count', 'interactive')).toBe(2);
  });

  test('tell of the image processes', async () => {
    const states = async () => (await metricsNamed('worker_children')).map(({ labels, value }) => [labels['state'], value]);
    expect(await states()).toEqual([
      ['starting', 0],
      ['idle', 2],
      ['busy', 0],
    ]);
    const largest = (await worker.metric('worker_child_memory_largest_bytes')) ?? 0;
    const all = (await worker.metric('worker_children_memory_bytes')) ?? 0;
    const limit = (await worker.metric('worker_child_memory_limit_bytes')) ?? 0;
    expect(largest).toBeGreaterThan(10_000_000);
    expect(all).toBeGreaterThan(largest);
    expect(limit).toBeGreaterThan(largest);
    // What the pictures of these tests take at least.
    expect(await worker.metric('worker_vips_memory_peak_bytes')).toBeGreaterThan(640 * 480);
    expect(await worker.metric('worker_vips_memory_peak_bytes')).toBeLessThan(largest);

    const heavy = await shop.submit(await samples.photo(2000, 1500), { name: 'a', format: 'avif', effort: 9 });
    await eventually(async () => (await states()).some(([state, value]) => state === 'busy' && value === 1));
    await shop.intake.cancel(heavy.id);
    expect(await shop.ended(heavy)).toMatchObject({ status: 'canceled' });
    expect(await worker.metric('worker_lease_renewals_total{outcome="renewed"}')).toBeGreaterThan(0);
    expect(await worker.metric('worker_lease_renewals_total{outcome="failed"}')).toBe(0);
  });

  async function metricsNamed(name: string) {
    const found = exportedSamples(await scrape(worker));
    return found.filter((sample) => sample.name.replace(/_(bucket|sum|count)$/, '') === name || sample.name === name);
  }

  /** Counters of images, by name and labels. */
  async function images(): Promise<Map<string, number>> {
    const lines = [
      ...(await worker.metricLines('worker_source_')),
      ...(await worker.metricLines('worker_output_')),
      ...(await worker.metricLines('worker_image_')),
    ];
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]));
  }
});

describe('a worker after calm work', () => {
  let shop: Workshop;
  let worker: TestWorker;
  beforeAll(async () => {
    shop = await Workshop.open();
    worker = await shop.worker();
  });
  afterAll(() => shop.close());

  test('exports what is declared, and no more than 300 samples', async () => {
    const small = { operations: [{ operation: 'resize', width: 32 }] };
    const jobs = [
      await shop.submit(await samples.photo(), { name: 'a', ...small }, { name: 'b', format: 'webp' }),
      await shop.submit(await shop.stored(await samples.icon(), 'png'), { name: 'a', ...small }),
      await shop.submit(await shop.stored(await samples.animatedWebp(), 'webp'), { name: 'a', format: 'jpeg', ...small }),
    ];
    for (const job of jobs) expect(await shop.ended(job)).toMatchObject({ status: 'completed' });
    // Some of what watches the dependencies, and of the upkeep, comes a little later.
    const text = await eventually(async () => {
      const now = await scrape(worker);
      expect(exportFaults(now, metricsOf('worker'))).toEqual([]);
      return now;
    });
    expect(exportedSamples(text).length).toBeLessThanOrEqual(300);
  });
});

async function scrape({ url }: TestWorker): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Record<string, number> {
  const grown = [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, by]) => by > 0));
}

function valueOf(found: readonly ExportedSample[], suffix: string, priority: string): number {
  const sample = found.find(({ name, labels }) => name.endsWith(suffix) && labels['priority'] === priority);
  return sample?.value ?? NaN;
}
