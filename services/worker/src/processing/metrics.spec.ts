import { metrics } from '@tintype/metrics';
import { actionIds } from '@tintype/operations';
import { samples } from '@tintype/testing';
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
    for (const { name, owner } of Object.values(metrics)) {
      const expected = owner === 'api' ? 0 : 1;
      expect([name, (await worker.metricLines(`# TYPE ${name} `)).length]).toEqual([name, expected]);
    }
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
    for (const stage of ['fetch', 'process', 'store', 'record']) {
      expect(await worker.metric(`worker_job_stage_duration_seconds_count{stage="${stage}"}`)).toBe(1);
    }
  });
});
