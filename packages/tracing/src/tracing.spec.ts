import { spawnSync } from 'node:child_process';
import { eventually, freePort } from '@tintype/testing';
import { type TracingSettings, tracingSettings } from './settings.js';
import { failSpan, inSpan, outsideTraces, startSpan, whileActive } from './spans.js';
import { OtlpReceiver } from './testing/otlp-receiver.js';
import { activeTrace, activeTraceparent, remoteSpan, sampledTrace } from './trace-context.js';
import { startTracing, type Tracing } from './tracing.js';

let receiver: OtlpReceiver;
let tracing: Tracing | undefined;
const complaints: string[] = [];

beforeEach(async () => {
  receiver = await OtlpReceiver.start();
  complaints.length = 0;
});
afterEach(async () => {
  await tracing?.stop();
  await receiver.close();
});

async function traceWith(environment: Partial<TracingSettings> = {}): Promise<void> {
  const none = Object.fromEntries(Object.keys(tracingSettings).map((name) => [name, undefined]));
  const defaults = { OTEL_TRACES_SAMPLER: 'parentbased_always_on', OTEL_TRACES_SAMPLER_ARG: 1 };
  const settings = { ...none, ...defaults, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...environment } as TracingSettings;
  tracing = await startTracing({ service: 'worker', version: '1.2.3', settings, warn: (text) => void complaints.push(text) });
}

test('spans reach the receiver when tracing stops, with their service, parents and attributes', async () => {
  await traceWith();
  await inSpan('outer', { attributes: { 'tintype.n': 2, 'tintype.what': 'x' } }, async () => {
    const failed = inSpan('inner', {}, () => Promise.reject(new RangeError('secret')));
    await expect(failed).rejects.toThrow('secret');
  });
  await tracing?.stop();

  expect(receiver.faults).toEqual([]);
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/v1/traces']);
  const [inner, outer] = receiver.spans;
  expect(outer).toMatchObject({
    name: 'outer',
    kind: 'internal',
    failed: false,
    attributes: { 'tintype.n': 2, 'tintype.what': 'x' },
    resource: {
      'service.name': 'tintype-worker',
      'service.namespace': 'tintype',
      'service.version': '1.2.3',
      'service.instance.id': expect.any(String),
    },
  });
  expect(outer).not.toHaveProperty('parentSpanId');
  expect(inner).toMatchObject({
    name: 'inner',
    failed: true,
    traceId: outer?.traceId,
    parentSpanId: outer?.spanId,
    // Not what it says.
    attributes: { 'error.type': 'RangeError' },
  });
});

test('what is going on is known to all that it causes, and to nothing else', async () => {
  await traceWith();
  await inSpan('outer', {}, async (span) => {
    const { traceId, spanId } = span.spanContext();
    await new Promise((resolve) => setImmediate(resolve));
    expect(activeTrace()).toEqual({ trace_id: traceId, span_id: spanId });
    expect(activeTraceparent()).toBe(`00-${traceId}-${spanId}-01`);
    expect(sampledTrace()).toEqual(activeTrace());
    expect(outsideTraces(activeTrace)).toBeUndefined();
  });
  expect(activeTrace()).toBeUndefined();
  await tracing?.stop();
  const span = startSpan('too late');
  expect(whileActive(span, activeTrace)).toBeUndefined();
  failSpan(span, 'x');
  expect(receiver.spans).toHaveLength(1);
});

test.each([
  ['always_off', '01', 1, 0],
  ['parentbased_always_on', '00', 1, 0],
  ['parentbased_always_off', '01', 1, 1],
  ['parentbased_traceidratio', '01', 0, 1],
  ['traceidratio', '01', 0, 0],
  ['always_on', '00', 1, 1],
] as const)('%s with a parent of flags %s', async (OTEL_TRACES_SAMPLER, flags, OTEL_TRACES_SAMPLER_ARG, sent) => {
  await traceWith({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG });
  const parent = remoteSpan(`00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`);
  await inSpan('x', { parent }, async () => {
    expect(activeTrace()?.trace_id).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(sampledTrace() !== undefined).toBe(sent === 1);
  });
  await tracing?.stop();
  expect(receiver.spans).toHaveLength(sent);
});

test('settings reach the receiver', async () => {
  await traceWith({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/mine`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x-tenant=7',
    OTEL_SERVICE_NAME: 'pictures',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=lost',
  });
  startSpan('x').end();
  await tracing?.stop();
  expect(receiver.requests).toMatchObject([
    { path: '/mine', headers: { authorization: 'Bearer abc', 'x-tenant': '7', 'content-type': 'application/x-protobuf' } },
  ]);
  expect(receiver.spans[0]?.resource).toMatchObject({ 'service.name': 'pictures', 'deployment.environment.name': 'test' });
});

test('a receiver that is away is complained of once, and delays the end by a second at most', async () => {
  await traceWith({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
  // More than the queue holds.
  for (let n = 0; n < 5_000; n += 1) startSpan('x').end();
  const began = performance.now();
  await tracing?.stop();
  expect(performance.now() - began).toBeLessThan(1_500);
  for (let n = 0; n < 5_000; n += 1) startSpan('x').end();
  expect(complaints.length).toBeLessThanOrEqual(1);
});

test('a receiver that refuses is complained of once', async () => {
  await traceWith({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces` });
  await receiver.close();
  receiver = await OtlpReceiver.start();
  for (let n = 0; n < 1_100; n += 1) startSpan('x').end();
  await eventually(() => complaints.length > 0, { timeoutMs: 20_000 });
  expect(complaints).toHaveLength(1);
}, 30_000);

test('without a receiver no SDK is loaded, and spans are nothing', () => {
  const program = `
    import { createRequire } from 'node:module';
    const { inSpan, startTracing, activeTraceparent } = await import(${JSON.stringify(new URL('index.js', import.meta.url).href)});
    const tracing = await startTracing({ service: 'api', version: '1', settings: {}, warn: console.log });
    const traceparent = await inSpan('x', {}, async () => activeTraceparent());
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => /opentelemetry/.test(path));
    const packages = new Set(loaded.map((path) => /@opentelemetry.([^/\\\\]+)/.exec(path)[1]));
    console.log(JSON.stringify({ tracing, traceparent, packages: [...packages] }));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toEqual({ packages: ['api'] });
});
