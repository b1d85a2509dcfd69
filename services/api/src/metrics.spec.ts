/** What the API exports after calm traffic over its usual routes: what is declared and nothing else, in few series. */
import { JobDocument } from '@tintype/jobs';
import { metrics, metricsOf } from '@tintype/metrics';
import { type ExportedSample, eventually, exportedSamples, exportFaults } from '@tintype/testing';
import { ApiUnderTest } from './spec/api-under-test.js';
import { EventClient } from './spec/event-client.js';
import { form, inline, json, photo, post, thumb } from './spec/requests.js';

const nowhere = '0198c0de-0000-7000-8000-000000000001';
const mostSeries = 300;

let api: ApiUnderTest;
let scrape: string;
let samples: ExportedSample[];
beforeAll(async () => {
  api = await ApiUnderTest.start();
  await calmTraffic();
  scrape = await (await api.fetch('/metrics')).text();
  samples = exportedSamples(scrape);
});
afterAll(() => api.close());

async function calmTraffic(): Promise<void> {
  for (const probe of ['/livez', '/readyz', '/startupz', '/metrics']) await get(probe, 200);
  const headers = { 'Idempotency-Key': '"calm"' };
  const first = await created(json({ source: inline(), outputs: [thumb], priority: 'interactive' }, headers));
  await created(json({ source: inline(), outputs: [thumb], priority: 'interactive' }, headers));
  await send('/v1/jobs', json({ source: inline(), outputs: [thumb] }, headers), 422);
  const follower = await EventClient.open(`${api.url}/v1/jobs/${first.id}/events`);
  const second = await created(post(form(['job', JSON.stringify({ outputs: [thumb] })], ['file', photo])));
  const upload = (await (await send('/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' }), 201)).json()) as { id: string };
  await send('/v1/batches', json({ jobs: [{ source: { upload_id: upload.id }, outputs: [thumb], priority: 'bulk' }] }), 202);
  await send(`/v1/jobs/${second.id}/cancel`, { method: 'POST' }, 200);
  await api.finish(first.id);
  await follower.end();
  await get(`/v1/jobs/${first.id}`, 200);
  await get('/v1/jobs', 200);
  await get(`/v1/jobs/${first.id}/outputs/thumb`, 200);
  await get(`/v1/jobs/${nowhere}`, 404);
  await send('/v1/jobs', json({ source: inline(), outputs: [] }), 422);
  await eventually(async () => (await (await api.fetch('/metrics')).text()).includes('dependency_up{dependency="redis"} 1'));
}

async function created(request: RequestInit): Promise<JobDocument> {
  return JobDocument.parse(await (await send('/v1/jobs', request, 202)).json());
}

async function send(path: string, request: RequestInit, status: number): Promise<Response> {
  const answer = await api.fetch(path, request);
  expect({ path, status: answer.status }).toEqual({ path, status });
  return answer;
}

async function get(path: string, status: number): Promise<void> {
  await (await send(path, {}, status)).arrayBuffer();
}

/** The value of one series. */
function valueOf({ name }: { readonly name: string }, labels: Record<string, string> = {}): number | undefined {
  const wanted = Object.entries(labels);
  return samples.find((sample) => sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value))
    ?.value;
}

test('are exactly the declared ones', () => {
  expect(exportFaults(scrape, metricsOf('api'))).toEqual([]);
});

test('are few', () => {
  expect(samples.length).toBeLessThanOrEqual(mostSeries);
});

test('count what was asked for', () => {
  expect(valueOf(metrics.jobsCreated, { priority: 'interactive' })).toBe(1);
  expect(valueOf(metrics.jobsCreated, { priority: 'normal' })).toBe(1);
  expect(valueOf(metrics.jobsCreated, { priority: 'bulk' })).toBe(1);
  expect(valueOf(metrics.batchesCreated)).toBe(1);
  expect(valueOf(metrics.idempotentRequests, { outcome: 'replayed' })).toBe(1);
  expect(valueOf(metrics.idempotentRequests, { outcome: 'different' })).toBe(1);
  expect(valueOf(metrics.jobsDue, { priority: 'bulk' })).toBe(1);
  expect(valueOf(metrics.leasesOverdue)).toBe(0);
  expect(valueOf(metrics.webhookEndpoints, { state: 'enabled' })).toBe(0);
  expect(valueOf(metrics.queueWakes, { outcome: 'sent' })).toBeGreaterThan(0);
});

test('tell how the database and the storage do', () => {
  for (const dependency of metrics.dependencyUp.labels.dependency) expect(valueOf(metrics.dependencyUp, { dependency })).toBe(1);
  const statements = { name: `${metrics.dbQueryDuration.name}_count` };
  expect(valueOf(statements, { statement: 'create_job' })).toBeGreaterThanOrEqual(3);
  expect(valueOf(statements, { statement: 'read' })).toBeGreaterThan(0);
  const operations = { name: `${metrics.storageDuration.name}_count` };
  expect(valueOf(operations, { operation: 'put' })).toBeGreaterThanOrEqual(3);
  expect(valueOf(operations, { operation: 'get' })).toBe(1);
  expect(valueOf(metrics.storageErrors, { operation: 'get', reason: 'unavailable' })).toBe(0);
  expect(valueOf(metrics.dbPoolMax)).toBe(api.settings.PG_POOL_SIZE);
  expect(valueOf(metrics.dbPoolWaiting)).toBe(0);
});

test('count probes, and leave them out of the times', () => {
  const routes = (name: string) => new Set(samples.filter((sample) => sample.name === name).map(({ labels }) => labels['route']));
  expect(routes(metrics.httpRequests.name)).toContain('/readyz');
  expect(routes(`${metrics.httpRequestDuration.name}_count`)).not.toContain('/readyz');
  expect(routes(`${metrics.httpRequestDuration.name}_count`)).toContain('/v1/jobs/:id');
});

test('tell of the process', () => {
  expect(valueOf(metrics.processCpu)).toBeGreaterThan(0);
  expect(valueOf(metrics.eventLoopTime, { state: 'active' })).toBeGreaterThan(0);
  expect(valueOf(metrics.residentMemory)).toBeGreaterThan(50_000_000);
  expect(valueOf(metrics.processStart)).toBeLessThan(Date.now() / 1000);
  expect(valueOf(metrics.openFds)).toBeLessThan(valueOf(metrics.maxFds) ?? 0);
});
