import { Body, Controller, type DynamicModule, Get, Module, Param, Post, Query, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';
import { once } from 'node:events';
import { type ClientRequest, request as startRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { register } from 'prom-client';
import request from 'supertest';
import { HealthModule } from '../health/health-module.js';
import { Readiness } from '../health/readiness.js';
import { createLogger } from '../logging/logger.js';
import { MetricsModule } from '../metrics/metrics-module.js';
import { prepareApplication } from '../service/prepare-application.js';

let hanging: Response[] = [];

@Controller('v1/jobs')
class Jobs {
  @Get(':id')
  find(@Param('id') id: string, @Query('fail') fail?: string) {
    if (fail) throw new Error('broken');
    return { id };
  }

  @Post()
  create(@Body() body: unknown) {
    return body;
  }

  @Get(':id/report')
  hang(@Res() response: Response) {
    response.write('first');
    hanging.push(response);
  }

  @Get(':id/events')
  stream(@Res() response: Response) {
    response.type('text/event-stream');
    this.hang(response);
  }
}

@Module({ controllers: [Jobs] })
class ServiceModule {
  static register(): DynamicModule {
    return {
      module: ServiceModule,
      imports: [MetricsModule.register({ service: 'api', version: '1.0.0' }), HealthModule.register({ checks: {} })],
    };
  }
}

async function series(name: string) {
  return (await register.getSingleMetric(name)?.get())?.values ?? [];
}

describe('requests', () => {
  let app: NestExpressApplication;
  let log = '';

  beforeAll(async () => {
    register.clear();
    const destination = new Writable({
      write(chunk, _encoding, done) {
        log += String(chunk);
        done();
      },
    });
    const logger = createLogger({ LOG_LEVEL: 'info', LOG_FORMAT: 'json' }, { service: 'api', destination });
    app = await NestFactory.create<NestExpressApplication>(ServiceModule.register(), { logger: false });
    prepareApplication(app, { service: 'api', logger });
    await app.listen(0, '127.0.0.1');
  });
  beforeEach(() => {
    log = '';
    hanging = [];
    register.resetMetrics();
  });
  afterAll(async () => {
    await app.close();
    register.clear();
  });

  const client = () => request(app.getHttpServer());
  const entries = () =>
    log
      .split('\n')
      .filter((line) => line.includes('"msg":"request"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test('carries the id that the client gave, and makes one where that is missing or not sane', async () => {
    expect((await client().get('/v1/jobs/7').set('X-Request-Id', 'trace-7.a')).headers['x-request-id']).toBe('trace-7.a');
    const uuidv7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/;
    expect((await client().get('/v1/jobs/7')).headers['x-request-id']).toMatch(uuidv7);
    for (const insane of ['with space', 'x'.repeat(129), '"quoted"', '']) {
      expect((await client().get('/v1/jobs/7').set('X-Request-Id', insane)).headers['x-request-id']).toMatch(uuidv7);
    }
  });

  test('counts by the template of the route, and never by the path', async () => {
    await client().get('/v1/jobs/7').expect(200);
    await client().get('/v1/jobs/8').expect(200);
    await client().get('/v1/jobs/8?fail=1').expect(500);
    expect(await series('http_requests_total')).toEqual([
      { labels: { method: 'GET', route: '/v1/jobs/:id', status_code: '200' }, value: 2 },
      { labels: { method: 'GET', route: '/v1/jobs/:id', status_code: '500' }, value: 1 },
    ]);
    const durations = await series('http_request_duration_seconds');
    expect(durations).toContainEqual(
      expect.objectContaining({
        metricName: 'http_request_duration_seconds_count',
        labels: { method: 'GET', route: '/v1/jobs/:id', status_class: '2xx' },
        value: 2,
      }),
    );
  });

  test('counts what no route matches, and methods that nobody knows, without their names', async () => {
    await client().get('/wp-admin/setup.php').expect(404);
    await client().delete('/v1/jobs/7').expect(404);
    await client().propfind('/v1/jobs/7').expect(404);
    expect(await series('http_requests_total')).toEqual([
      { labels: { method: 'GET', route: 'unmatched', status_code: '404' }, value: 1 },
      { labels: { method: 'DELETE', route: 'unmatched', status_code: '404' }, value: 1 },
      { labels: { method: '_OTHER', route: 'unmatched', status_code: '404' }, value: 1 },
    ]);
  });

  test('counts requests that a body parser refuses', async () => {
    await client()
      .post('/v1/jobs')
      .send({ text: 'x'.repeat(200_000) })
      .expect(413);
    expect(await series('http_requests_total')).toEqual([
      expect.objectContaining({ labels: expect.objectContaining({ status_code: '413' }) }),
    ]);
  });

  /** Asks, and leaves when the answer has begun; while it is open, it is seen in flight. */
  async function leave(path: string): Promise<void> {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const leaving: ClientRequest = startRequest({ port, host: '127.0.0.1', path });
    leaving.on('error', () => {});
    leaving.end();
    await once(leaving, 'response');
    expect(await series('http_requests_in_flight')).toEqual([{ labels: {}, value: 1 }]);
    const [answer] = hanging;
    if (!answer) throw new Error('The request did not arrive');
    const closed = once(answer, 'close');
    leaving.destroy();
    await closed;
    expect(await series('http_requests_in_flight')).toEqual([{ labels: {}, value: 0 }]);
  }

  test('counts a client that left as 499, and knows how many requests are in flight', async () => {
    await leave('/v1/jobs/7/report');
    expect(await series('http_requests_total')).toEqual([
      { labels: { method: 'GET', route: '/v1/jobs/:id/report', status_code: '499' }, value: 1 },
    ]);
    expect(await series('http_request_duration_seconds')).not.toEqual([]);
  });

  test('counts an event stream by what it was answered with, and not among the times', async () => {
    await leave('/v1/jobs/7/events');
    expect(await series('http_requests_total')).toEqual([
      { labels: { method: 'GET', route: '/v1/jobs/:id/events', status_code: '200' }, value: 1 },
    ]);
    expect(await series('http_request_duration_seconds')).toEqual([]);
  });

  test('logs each request once, without its query', async () => {
    await client().get('/v1/jobs/7?token=c4nary').set('X-Request-Id', 'r-1').set('Authorization', 'Bearer c4nary').expect(200);
    expect(entries()).toEqual([
      expect.objectContaining({
        level: 'info',
        method: 'GET',
        path: '/v1/jobs/7',
        route: '/v1/jobs/:id',
        status: 200,
        request_id: 'r-1',
      }),
    ]);
    expect(log).not.toContain('c4nary');
  });

  test('does not log probes and scrapes that succeed, and counts but does not time them', async () => {
    const probes = ['/livez', '/readyz', '/startupz', '/metrics'];
    for (const path of probes) await client().get(path).expect(200);
    expect(entries()).toEqual([]);
    expect((await series('http_requests_total')).map(({ labels }) => labels['route'])).toEqual(probes);
    expect(await series('http_request_duration_seconds')).toEqual([]);
  });

  test('asks clients to connect anew while it drains', async () => {
    const connection = async () => (await client().get('/v1/jobs/7').set('Connection', 'keep-alive')).headers['connection'];
    expect(await connection()).toBe('keep-alive');
    app.get(Readiness, { strict: false }).drain();
    expect(await connection()).toBe('close');
    expect((await client().get('/readyz')).status).toBe(503);
  });
});
