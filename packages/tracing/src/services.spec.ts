/** What a job looks like as a trace: the real services as processes, and a receiver that they send to. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  eventually,
  freePort,
  type RunningService,
  samples,
  startService,
  testDatabase,
  testDirectory,
  testRedis,
} from '@tintype/testing';
import { OtlpReceiver, type ReceivedSpan } from './testing/otlp-receiver.js';
import { startPrometheus } from './testing/prometheus.js';

const program = (path: string) => fileURLToPath(new URL(`../../../services/${path}`, import.meta.url));
const stages = ['fetch', 'decode', 'transform', 'encode', 'store', 'record'];
const photo = await samples.photo(1200, 800);

const [database, redis, directory, receiver] = await Promise.all([
  testDatabase(),
  testRedis(),
  testDirectory(),
  OtlpReceiver.start(),
]);
const settings = {
  ...database.settings,
  ...redis.settings,
  STORAGE_DIR: directory.path,
  LOG_FORMAT: 'json',
  OUTBOUND_ALLOW: '127.0.0.0/8',
  SOURCE_URL_ENABLED: 'true',
  WORKER_CONCURRENCY: '1',
};
/** Its other half is in `settings`: without it nothing is traced. */
const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
const running: RunningService[] = [];

interface Site {
  readonly url: string;
  readonly workerUrl: string;
  readonly api: RunningService;
  readonly worker: RunningService;
}

async function startSite(environment: Readonly<Record<string, string>>): Promise<Site> {
  const [apiPort, workerPort] = await Promise.all([freePort(), freePort()]);
  const [url, workerUrl] = [`http://127.0.0.1:${apiPort}`, `http://127.0.0.1:${workerPort}`];
  const env = { ...settings, ...environment, API_PORT: String(apiPort), METRICS_PORT: String(workerPort) };
  const [api, worker] = await Promise.all([
    startService({ entry: program('api/dist/main.js'), env, readyUrl: `${url}/readyz`, timeoutMs: 60_000 }),
    startService({ entry: program('worker/dist/main.js'), env, readyUrl: `${workerUrl}/readyz`, timeoutMs: 60_000 }),
  ]);
  running.push(api, worker);
  return { url, workerUrl, api, worker };
}

/** Its worker would take the jobs of the next. */
async function stopSite({ api, worker }: Site): Promise<void> {
  await Promise.all([api.stop('SIGKILL'), worker.stop('SIGKILL')]);
}

/** A server of a stranger: pictures, and a place for webhooks. */
const asked: { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
const stranger: Server = createServer((request, response) => {
  asked.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
  request.resume();
  response.end(request.method === 'GET' ? photo : '');
});
let strangerUrl: string;

beforeAll(async () => {
  const { status, stdout } = spawnSync(process.execPath, [program('api/dist/migrate.js')], { env: settings, encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout);
  stranger.listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
}, 60_000);

afterAll(async () => {
  await Promise.all(running.map((service) => service.stop('SIGKILL')));
  stranger.close();
  stranger.closeAllConnections();
  await receiver.close();
  await Promise.all([database.drop(), directory.remove()]);
});

/** A new trace of a client. */
function clientTrace(flags = '01'): { traceId: string; spanId: string; headers: Record<string, string> } {
  const hex = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
  const [traceId, spanId] = [hex(16), hex(8)];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-${flags}`, tracestate: 'client=1' } };
}

interface FinishedJob {
  readonly id: string;
  readonly status: string;
}

/** Without a source of its own the job is one of the photo. */
async function run(url: string, job: object, headers: Record<string, string> = {}, file = photo): Promise<FinishedJob> {
  const form = new FormData();
  form.append('job', JSON.stringify(job));
  form.append('file', new Blob([file]), 'photo.jpg');
  const [type, body] = 'source' in job ? [{ 'Content-Type': 'application/json' }, JSON.stringify(job)] : [{}, form];
  const response = await fetch(`${url}/v1/jobs`, { method: 'POST', headers: { Prefer: 'wait=30', ...type, ...headers }, body });
  const document = (await response.json()) as FinishedJob;
  expect({ status: response.status, document }).toMatchObject({ status: 200, document: { id: expect.any(String) } });
  return document;
}

const outputs = [
  { name: 'small', operations: [{ operation: 'resize', width: 300 }], format: 'webp' },
  { name: 'gray', operations: [{ operation: 'resize', width: 200 }, { operation: 'grayscale' }], format: 'jpeg' },
];
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

/** The spans of a trace when there are all of these names. */
function spansOf(traceId: string, names: readonly string[]): Promise<ReceivedSpan[]> {
  return eventually(() => {
    const spans = receiver.of(traceId);
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));
    return spans;
  });
}

function one(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const [span, ...others] = spans.filter((candidate) => candidate.name === name);
  if (!span || others.length > 0) throw new Error(`There are ${others.length + (span ? 1 : 0)} spans named ${name}`);
  return span;
}

describe('with a receiver', () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite(traced);
  }, 90_000);
  afterAll(() => stopSite(site));

  test('a job is one trace, from the request of its client to the record of its results', async () => {
    const client = clientTrace();
    const job = await run(site.url, { outputs }, client.headers);
    const spans = await spansOf(client.traceId, ['POST /v1/jobs', 'create job', 'process job', ...stages]);

    const request = one(spans, 'POST /v1/jobs');
    expect(request).toMatchObject({
      kind: 'server',
      parentSpanId: client.spanId,
      traceState: 'client=1',
      failed: false,
      resource: { 'service.name': 'tintype-api' },
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/jobs',
        'http.response.status_code': 200,
        'url.path': '/v1/jobs',
      },
    });
    const create = one(spans, 'create job');
    expect(create).toMatchObject({
      kind: 'producer',
      parentSpanId: request.spanId,
      attributes: { 'messaging.message.id': job.id },
    });
    const attempt = one(spans, 'process job');
    expect(attempt).toMatchObject({
      kind: 'consumer',
      parentSpanId: create.spanId,
      failed: false,
      resource: { 'service.name': 'tintype-worker' },
      attributes: { 'messaging.message.id': job.id, 'tintype.job.attempt': 1, 'tintype.job.outcome': 'completed' },
    });
    expect(attempt.startMs).toBeGreaterThanOrEqual(create.startMs);
    for (const stage of spans.filter(({ name }) => stages.includes(name))) {
      expect(stage).toMatchObject({ parentSpanId: attempt.spanId, failed: false });
      expect(stage.startMs).toBeGreaterThanOrEqual(attempt.startMs - 1);
      expect(stage.endMs).toBeLessThanOrEqual(attempt.endMs + 1);
      expect(stage.endMs).toBeGreaterThanOrEqual(stage.startMs);
    }
    for (const name of ['postgresql create_job', 'storage put']) {
      const [operation] = spans.filter((span) => span.name === name);
      expect(operation).toMatchObject({ kind: 'client' });
    }
    expect(one(spans, 'postgresql create_job').parentSpanId).toBe(create.spanId);
    expect(one(spans, 'postgresql record').parentSpanId).toBe(one(spans, 'record').spanId);
    // Neither what looks for the end of all awaited jobs, nor what keeps leases.
    expect(spans.filter(({ name }) => name === 'postgresql renew')).toEqual([]);
    // Each output has been encoded.
    const encoded = spans.filter(({ name }) => name === 'encode').map(({ attributes }) => attributes['tintype.output.name']);
    expect(encoded.sort()).toEqual(['gray', 'small']);
    expect(receiver.faults).toEqual([]);
  });

  test('lines of the log name the trace', async () => {
    const client = clientTrace();
    const { id } = await run(site.url, { outputs }, client.headers);
    const line = (service: RunningService, msg: string, fields: object) =>
      eventually(() =>
        service
          .records()
          .find((record) => record['msg'] === msg && Object.entries(fields).every(([name, value]) => record[name] === value)),
      );
    const spans = await spansOf(client.traceId, ['POST /v1/jobs', 'process job']);
    const trace_id = client.traceId;
    expect(await line(site.api, 'request', { trace_id })).toMatchObject({ span_id: one(spans, 'POST /v1/jobs').spanId });
    expect(await line(site.worker, 'attempt ended', { job: id })).toMatchObject({
      trace_id,
      span_id: one(spans, 'process job').spanId,
    });
  });

  test('what strangers are asked belongs to it; webhooks continue it, and who has the source learns nothing of it', async () => {
    const client = clientTrace();
    const webhook = { url: `${strangerUrl}/hook`, secret };
    await run(site.url, { source: { url: `${strangerUrl}/photo.jpg?key=secret` }, outputs, webhook }, client.headers);
    const spans = await spansOf(client.traceId, ['process job', 'GET', 'send webhook']);

    expect(one(spans, 'GET')).toMatchObject({
      kind: 'client',
      parentSpanId: one(spans, 'fetch').spanId,
      attributes: { 'url.full': `${strangerUrl}/photo.jpg`, 'http.response.status_code': 200 },
    });
    const hook = one(spans, 'send webhook');
    expect(hook).toMatchObject({ kind: 'producer', parentSpanId: one(spans, 'create job').spanId });
    expect(asked.find(({ path }) => path === '/hook')?.headers).toMatchObject({
      traceparent: `00-${client.traceId}-${hook.spanId}-01`,
    });
    expect(asked.find(({ method }) => method === 'GET')?.headers).not.toHaveProperty('traceparent');
  });

  test('a job that fails, and a request that is refused, say so', async () => {
    const client = clientTrace();
    const broken = photo.subarray(0, photo.length / 2);
    expect(await run(site.url, { outputs }, client.headers, broken)).toMatchObject({ status: 'failed' });
    const spans = await spansOf(client.traceId, ['process job']);
    expect(one(spans, 'process job')).toMatchObject({ failed: true, attributes: { 'tintype.job.outcome': 'failed' } });

    const unknown = clientTrace();
    await fetch(`${site.url}/v1/jobs/unknown`, { headers: unknown.headers });
    const [request] = await spansOf(unknown.traceId, ['GET /v1/jobs/:id']);
    expect(request).toMatchObject({
      failed: false,
      attributes: { 'http.response.status_code': 404, 'http.route': '/v1/jobs/:id' },
    });
  });

  test('a batch is one trace, too', async () => {
    const client = clientTrace();
    const jobs = [1, 2].map(() => ({ source: { url: `${strangerUrl}/photo.jpg` } }));
    const response = await fetch(`${site.url}/v1/batches`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...client.headers },
      body: JSON.stringify({ defaults: { outputs }, jobs }),
    });
    expect(response.status).toBe(202);
    const spans = await eventually(() => {
      const found = receiver.of(client.traceId);
      return found.filter(({ name }) => name === 'process job').length === 2 && found;
    });
    const create = one(spans, 'create job');
    expect(create.attributes).toMatchObject({ 'messaging.batch.message_count': 2 });
    expect(spans.filter(({ name, parentSpanId }) => name === 'process job' && parentSpanId === create.spanId)).toHaveLength(2);
  });

  test('what a client does not trace is not sent, and named in the log nevertheless', async () => {
    const client = clientTrace('00');
    const { id } = await run(site.url, { outputs }, client.headers);
    await eventually(() => site.worker.records().some((record) => record['job'] === id && record['trace_id'] === client.traceId));
    const later = clientTrace();
    await run(site.url, { outputs }, later.headers);
    await spansOf(later.traceId, ['process job', 'POST /v1/jobs']);
    expect(receiver.of(client.traceId)).toEqual([]);
  });

  test('probes and scrapes are not traced', async () => {
    for (const path of ['/livez', '/readyz', '/startupz', '/metrics']) await fetch(`${site.url}${path}`);
    await fetch(`${site.url}/v1/nothing`);
    await eventually(() => receiver.spans.some(({ attributes }) => attributes['url.path'] === '/v1/nothing'));
    const paths = new Set(receiver.spans.map(({ attributes }) => attributes['url.path']));
    for (const path of ['/livez', '/readyz', '/startupz', '/metrics']) expect(paths).not.toContain(path);
  });

  test('durations have exemplars that lead to it', async () => {
    const client = clientTrace();
    await run(site.url, { outputs, webhook: { url: `${strangerUrl}/hook`, secret } }, client.headers);
    await spansOf(client.traceId, ['send webhook', 'POST /v1/jobs']);
    const exemplars = async (url: string) => {
      const response = await fetch(`${url}/metrics`, { headers: { Accept: 'application/openmetrics-text' } });
      const lines = (await response.text()).split('\n').filter((line) => line.includes(`trace_id="${client.traceId}"`));
      return [...new Set(lines.map((line) => line.split('_bucket{', 1)[0]))];
    };
    expect(await exemplars(site.url)).toEqual(
      expect.arrayContaining(['http_request_duration_seconds', 'webhook_attempt_duration_seconds']),
    );
    expect(await exemplars(site.workerUrl)).toEqual(
      expect.arrayContaining([
        'worker_job_duration_seconds',
        'worker_job_end_to_end_seconds',
        'worker_job_stage_duration_seconds',
      ]),
    );
  });

  test('Prometheus keeps them', async () => {
    const targets = [site.url, site.workerUrl].map((url) => new URL(url).host);
    const prometheus = await startPrometheus(targets);
    try {
      const client = clientTrace();
      await run(site.url, { outputs }, client.headers);
      const spans = await spansOf(client.traceId, ['process job', 'POST /v1/jobs']);
      const found = (metric: string, span: string, value: object) =>
        eventually(
          async () => {
            const exemplars = (await prometheus.exemplars(`${metric}_bucket`)).flatMap((series) => series.exemplars);
            const labels = { trace_id: client.traceId, span_id: one(spans, span).spanId };
            expect(exemplars).toContainEqual({ labels, ...value });
            return true;
          },
          { timeoutMs: 20_000, everyMs: 200 },
        );
      const any = { value: expect.any(String), timestamp: expect.any(Number) };
      await found('http_request_duration_seconds', 'POST /v1/jobs', any);
      await found('worker_job_duration_seconds', 'process job', any);
      expect(await prometheus.errors()).toEqual([]);
    } finally {
      await prometheus.stop();
    }
  }, 90_000);

  test('a service that stops sends what it has', async () => {
    const client = clientTrace();
    const other = await startSite({ ...traced, OTEL_BSP_SCHEDULE_DELAY: '60000' });
    await fetch(`${other.url}/v1/jobs`, { headers: client.headers });
    expect(await Promise.all([other.api.stop(), other.worker.stop()])).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    expect(receiver.of(client.traceId).map(({ name }) => name)).toContain('GET /v1/jobs');
  }, 120_000);
});

test('a receiver that is away fails nothing, is complained of once, and delays the end by little more than a second', async () => {
  const away = `http://127.0.0.1:${await freePort()}`;
  const site = await startSite({
    OTEL_EXPORTER_OTLP_ENDPOINT: away,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
  });
  for (let n = 0; n < 5; n += 1) expect(await run(site.url, { outputs })).toMatchObject({ status: 'completed' });
  const complaints = (service: RunningService) =>
    service.records().filter(({ msg }) => msg === 'traces are not sent as they should be');
  await eventually(() => complaints(site.api).length > 0 && complaints(site.worker).length > 0);
  const began = performance.now();
  expect(await site.api.stop()).toEqual({ code: 0, signal: null });
  expect(await site.worker.stop()).toEqual({ code: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(8_000);
  expect([complaints(site.api), complaints(site.worker)].map(({ length }) => length)).toEqual([1, 1]);
}, 120_000);

test('without a receiver nothing is traced; the trace of a client is passed on and logged', async () => {
  const client = clientTrace();
  const site = await startSite({});
  const before = receiver.requests.length;
  const { id } = await run(site.url, { outputs, webhook: { url: `${strangerUrl}/untraced`, secret } }, client.headers);
  await eventually(() => site.worker.records().some((record) => record['job'] === id && record['trace_id'] === client.traceId));
  await eventually(() => asked.some(({ path }) => path === '/untraced'));
  expect(asked.find(({ path }) => path === '/untraced')?.headers).not.toHaveProperty('traceparent');
  const text = await (await fetch(`${site.url}/metrics`, { headers: { Accept: 'application/openmetrics-text' } })).text();
  expect(text).not.toContain('trace_id');
  await stopSite(site);
  expect(receiver.requests).toHaveLength(before);
}, 120_000);
