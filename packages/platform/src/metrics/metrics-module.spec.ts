import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { metrics } from '@tintype/metrics';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import request from 'supertest';
import { CollectedGauges } from './collected-gauges.js';
import { MetricsModule } from './metrics-module.js';
import type { CounterOf, HistogramOf } from './typed.js';

let readUnfinished: () => Promise<{ labels: { status: 'queued' | 'running' }; value: number }[]>;
let readAge: () => Promise<{ labels: Record<never, string>; value: number }[]>;

@Injectable()
class Work {
  constructor(
    gauges: CollectedGauges,
    @InjectMetric(metrics.jobsCreated.name) readonly created: CounterOf<typeof metrics.jobsCreated>,
    @InjectMetric(metrics.uploadSize.name) readonly size: HistogramOf<typeof metrics.uploadSize>,
  ) {
    gauges.collect(metrics.jobsUnfinished, () => readUnfinished());
    gauges.collect(metrics.oldestQueuedAge, () => readAge());
  }
}

@Module({ providers: [Work] })
class WorkModule {}

function serviceModule(service: 'api' | 'worker', imports: DynamicModule['imports'] = []): DynamicModule {
  return { module: class Service {}, imports: [MetricsModule.register({ service, version: '1.2.3' }), ...imports] };
}

async function listen(module: DynamicModule): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

async function scrape(app: NestExpressApplication): Promise<string[]> {
  const response = await request(app.getHttpServer()).get('/metrics').expect(200);
  expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  return response.text.split('\n');
}

async function failures(): Promise<number> {
  const counter = await register.getSingleMetric('metrics_collect_failures_total')?.get();
  return counter?.values.find(({ labels }) => labels['metric'] === 'jobs_unfinished')?.value ?? Number.NaN;
}

describe('the metrics of the API', () => {
  let app: NestExpressApplication;

  beforeAll(async () => {
    register.clear();
    app = await listen(serviceModule('api', [WorkModule]));
  });
  beforeEach(() => {
    readUnfinished = async () => [
      { labels: { status: 'queued' }, value: 3 },
      { labels: { status: 'running' }, value: 1 },
    ];
    readAge = async () => [{ labels: {}, value: 12.5 }];
  });
  afterAll(async () => {
    await app.close();
    register.clear();
  });

  test('are at zero from the start, for every value of a closed label', async () => {
    const lines = await scrape(app);
    expect(lines).toContain('jobs_created_total{priority="bulk"} 0');
    for (const reason of metrics.uploadsRejected.labels.reason)
      expect(lines).toContain(`image_uploads_rejected_total{reason="${reason}"} 0`);
    expect(lines).toContain('webhook_attempt_duration_seconds_count 0');
    expect(lines.some((line) => line.startsWith('storage_operation_duration_seconds_'))).toBe(false);
    expect(lines.some((line) => line.startsWith('worker_'))).toBe(false);
  });

  test('tell what runs, and how the process does', async () => {
    const lines = await scrape(app);
    expect(lines).toContain(`app_build_info{component="api",version="1.2.3",node_version="${process.versions.node}"} 1`);
    expect(lines.some((line) => line.startsWith('process_cpu_seconds_total '))).toBe(true);
    expect(lines.some((line) => line.startsWith('nodejs_eventloop_lag_p99_seconds '))).toBe(true);
  });

  test('count what the service does', async () => {
    const work = app.get(Work, { strict: false });
    work.created.inc({ priority: 'bulk' });
    work.size.observe({ format: 'png' }, 100_000);
    const lines = await scrape(app);
    expect(lines).toContain('jobs_created_total{priority="bulk"} 1');
    expect(lines).toContain('image_upload_size_bytes_bucket{le="65536",format="png"} 0');
    expect(lines).toContain('image_upload_size_bytes_bucket{le="262144",format="png"} 1');
  });

  test('are read at the scrape where they are facts of the database', async () => {
    expect(await scrape(app)).toEqual(
      expect.arrayContaining([
        'jobs_unfinished{status="queued"} 3',
        'jobs_unfinished{status="running"} 1',
        'jobs_oldest_queued_age_seconds 12.5',
      ]),
    );
    readUnfinished = async () => [{ labels: { status: 'queued' }, value: 4 }];
    const lines = await scrape(app);
    expect(lines.filter((line) => line.startsWith('jobs_unfinished{'))).toEqual(['jobs_unfinished{status="queued"} 4']);
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('no database'))],
    [
      'throws',
      () => {
        throw new Error('no database');
      },
    ],
    ['hangs', () => new Promise<never>(() => {})],
  ])('leave out a gauge whose read %s, and keep all others', async (_what, read) => {
    await scrape(app);
    readUnfinished = read;
    readAge = read;
    const before = await failures();
    const lines = await scrape(app);
    expect(lines.filter((line) => /^jobs_(unfinished|oldest)/.test(line))).toEqual([]);
    expect(lines.some((line) => line.startsWith('jobs_created_total{'))).toBe(true);
    expect(await failures()).toBe(before + 1);
  });
});

describe('the metrics of the worker', () => {
  test('are its own, and may be registered again in one process', async () => {
    register.clear();
    const first = await listen(serviceModule('worker'));
    await first.close();
    const app = await listen(serviceModule('worker'));
    try {
      const lines = await scrape(app);
      expect(lines).toContain('worker_jobs_processed_total{action="resize",status="failed"} 0');
      expect(lines).toContain('worker_jobs_processed_total{action="convert",status="completed"} 0');
      expect(lines).toContain('worker_job_duration_seconds_bucket{le="0.005"} 0');
      expect(lines).toContain('worker_job_duration_seconds_count 0');
      expect(lines.some((line) => line.startsWith('http_'))).toBe(false);
    } finally {
      await app.close();
      register.clear();
    }
  });

  test('are refused to be read where the service does not have them', async () => {
    register.clear();
    const app = await listen(serviceModule('worker'));
    try {
      expect(() => app.get(CollectedGauges, { strict: false }).collect(metrics.jobsUnfinished, async () => [])).toThrow(
        'no gauge of this service',
      );
    } finally {
      await app.close();
      register.clear();
    }
  });
});
