import type { OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Express } from 'express';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { describeApiOffline } from './describe-offline.js';
import { form, inline, json, photo, post, thumb } from '../spec/requests.js';

const nowhere = '0198c0de-0000-7000-8000-000000000001';

let api: ApiUnderTest;
let document: OpenAPIObject;
let ajv: Ajv2020;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  document = (await (await api.fetch('/openapi.json')).json()) as OpenAPIObject;
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('base64', true);
  ajv.addSchema({ $id: 'api', ...document });
});
afterAll(() => api.close());

function operations(): { path: string; method: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
  );
}

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  parameters?: { name: string; description?: string }[];
  responses: Record<string, { description: string; headers?: object; content?: Record<string, { schema?: object }> }>;
}

test('the description is valid OpenAPI 3.1', async () => {
  expect(document.openapi).toBe('3.1.0');
  const { valid, errors } = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('the description can be had without a running service, and is the same', async () => {
  expect(JSON.parse(JSON.stringify(await describeApiOffline()))).toEqual(document);
});

test('every route of the router is described, and nothing else', () => {
  const router = (api.app.getHttpAdapter().getInstance() as Express).router;
  const routes = router.stack
    .flatMap(({ route }) => route?.stack.map(({ method }) => `${method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`) ?? [])
    // The parts of which the page /docs is made.
    .filter((route) => !/^get \/docs\/./.test(route) && !/^get \/docs\/?$/.test(route.replace(/^get \/docs$/, 'page')));
  const described = operations().map(({ method, path }) => `${method} ${path}`);
  expect(new Set(described)).toEqual(new Set(routes));
});

test('every operation has a name of its own, a summary and a tag, and every parameter a description', () => {
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, method, operation } of operations()) {
    expect({ path, method, ...operation }).toMatchObject({
      operationId: expect.any(String),
      summary: expect.any(String),
      tags: [expect.any(String)],
    });
    for (const parameter of operation.parameters ?? []) expect(parameter).toMatchObject({ description: expect.any(String) });
  }
});

test('every reference leads somewhere', () => {
  const names = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
  for (const [, name = ''] of names) expect(document.components?.schemas).toHaveProperty(name);
});

test('requests that the description allows are accepted, and ones that it forbids are not', () => {
  const batch = ajv.getSchema('api#/components/schemas/CreateBatch');
  expect(batch?.({ defaults: { outputs: [thumb] }, jobs: [{ source: { upload_id: nowhere }, priority: 'bulk' }] })).toBe(true);
  expect(batch?.({ jobs: [] })).toBe(false);
  const validate = ajv.getSchema('api#/components/schemas/CreateJob');
  expect(validate?.({ source: inline(), outputs: [thumb] })).toBe(true);
  expect(
    validate?.({
      source: { upload_id: nowhere },
      outputs: [
        { name: 'a', preset: 'thumbnail@1' },
        { name: 'b', analysis: 'thumbhash' },
      ],
    }),
  ).toBe(true);
  expect(validate?.({ source: inline(), outputs: [{ ...thumb, quality: 101 }] })).toBe(false);
  expect(validate?.({ source: inline(), outputs: [thumb], extra: 1 })).toBe(false);
});

describe('answers are as described:', () => {
  /** Headers that an answer need not have. */
  const sometimes = new Set(['Link', 'Retry-After', 'Idempotent-Replayed']);

  /** Checks status, media type, headers and body of an answer. */
  async function check(method: string, template: string, path: string, init: RequestInit = {}): Promise<number> {
    const answer = await api.fetch(path, { method: method.toUpperCase(), ...init });
    const operation = operations().find((one) => one.method === method && one.path === template)?.operation;
    const response = operation?.responses[answer.status];
    if (!response) throw new Error(`${method} ${template} answered ${answer.status}, which is not described`);
    for (const header of Object.keys(response.headers ?? {})) {
      if (!sometimes.has(header)) expect([...answer.headers.keys()]).toContain(header.toLowerCase());
    }
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    if (!response.content) return answer.status;
    expect(Object.keys(response.content)).toContain(type);
    if (type.endsWith('json')) {
      const pointer = [template, method, 'responses', String(answer.status), 'content', type, 'schema'].map((key) =>
        key.replaceAll('/', '~1'),
      );
      const validate = ajv.getSchema(`api#/paths/${pointer.map(encodeURIComponent).join('/')}`);
      const valid = !response.content[type]?.schema || validate?.(await answer.json());
      expect(validate?.errors ?? []).toEqual([]);
      expect(valid).toBe(true);
    }
    return answer.status;
  }

  test('jobs', async () => {
    const job = json({ source: inline(), outputs: [thumb], metadata: { a: 1 } });
    expect(await check('post', '/v1/jobs', '/v1/jobs', job)).toBe(202);
    expect(await check('post', '/v1/jobs', '/v1/jobs', json({ outputs: [] }))).toBe(422);
    expect(await check('post', '/v1/jobs', '/v1/jobs', post('{', { 'Content-Type': 'application/json' }))).toBe(400);
    expect(await check('post', '/v1/jobs', '/v1/jobs', post('', { 'Content-Type': 'text/plain' }))).toBe(415);
    expect(await check('get', '/v1/jobs', '/v1/jobs?limit=1')).toBe(200);
    expect(await check('get', '/v1/jobs', '/v1/jobs?limit=0')).toBe(422);

    const { id } = (await (await api.fetch('/v1/jobs', job)).json()) as { id: string };
    const etag = (await api.fetch(`/v1/jobs/${id}`)).headers.get('etag') ?? '';
    expect(await check('get', '/v1/jobs/{id}', `/v1/jobs/${id}`)).toBe(200);
    expect(await check('get', '/v1/jobs/{id}', `/v1/jobs/${id}`, { headers: { 'If-None-Match': etag } })).toBe(304);
    expect(await check('get', '/v1/jobs/{id}', `/v1/jobs/${nowhere}`)).toBe(404);

    const output = '/v1/jobs/{id}/outputs/{name}';
    expect(await check('get', output, `/v1/jobs/${id}/outputs/thumb`)).toBe(409);
    await api.finish(id);
    expect(await check('get', '/v1/jobs/{id}', `/v1/jobs/${id}`)).toBe(200);
    expect(await check('get', output, `/v1/jobs/${id}/outputs/thumb`)).toBe(200);
    expect(await check('get', output, `/v1/jobs/${id}/outputs/thumb`, { headers: { Range: 'bytes=0-1' } })).toBe(206);
    expect(await check('get', output, `/v1/jobs/${id}/outputs/thumb`, { headers: { Range: 'bytes=99-' } })).toBe(416);
    const events = '/v1/jobs/{id}/events';
    expect(await check('get', events, `/v1/jobs/${id}/events`)).toBe(200);
    expect(await check('get', events, `/v1/jobs/${id}/events?last_event_id=3`)).toBe(204);
    expect(await check('get', events, `/v1/jobs/${nowhere}/events`)).toBe(404);
    expect(await check('get', events, `/v1/jobs/${id}/events`, { headers: { Accept: 'image/png' } })).toBe(406);
    expect(await check('get', '/v1/jobs/{id}/history', `/v1/jobs/${id}/history`)).toBe(200);
    expect(await check('get', '/v1/jobs/{id}/history', `/v1/jobs/${nowhere}/history`)).toBe(404);
    expect(await check('post', '/v1/jobs/{id}/cancel', `/v1/jobs/${id}/cancel`)).toBe(409);
    expect(await check('post', '/v1/jobs/{id}/retry', `/v1/jobs/${id}/retry`)).toBe(409);
    expect(await check('delete', '/v1/jobs/{id}', `/v1/jobs/${id}`)).toBe(204);
    expect(await check('delete', '/v1/jobs/{id}', `/v1/jobs/${id}`)).toBe(404);
  });

  test('jobs that are sent again or tried again', async () => {
    const keyed = (content: object) => json({ source: inline(), outputs: [thumb], ...content }, { 'Idempotency-Key': '"k"' });
    expect(await check('post', '/v1/jobs', '/v1/jobs', keyed({}))).toBe(202);
    expect(await check('post', '/v1/jobs', '/v1/jobs', keyed({}))).toBe(202);
    expect(await check('post', '/v1/jobs', '/v1/jobs', keyed({ priority: 'bulk' }))).toBe(422);
    expect(await check('post', '/v1/jobs', '/v1/jobs', json({}, { 'Idempotency-Key': '"' }))).toBe(400);

    const { id } = (await (await api.fetch('/v1/jobs', keyed({}))).json()) as { id: string };
    await api.finish(id, { outcomes: [{ name: 'thumb', status: 'failed', code: 'invalid_operation' }] });
    expect(await check('post', '/v1/jobs/{id}/retry', `/v1/jobs/${id}/retry`)).toBe(202);
    await api.fetch(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  });

  test('batches', async () => {
    const upload = (await (await api.fetch('/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' }))).json()) as {
      id: string;
    };
    const batch = json({ jobs: [{ source: { upload_id: upload.id }, outputs: [thumb] }] });
    expect(await check('post', '/v1/batches', '/v1/batches', batch)).toBe(202);
    expect(await check('post', '/v1/batches', '/v1/batches', json({}))).toBe(422);
    expect(await check('get', '/v1/batches', '/v1/batches?limit=1')).toBe(200);
    expect(await check('get', '/v1/batches', '/v1/batches?limit=0')).toBe(422);

    const { id } = (await (await api.fetch('/v1/batches', batch)).json()) as { id: string };
    const [job] = ((await (await api.fetch(`/v1/jobs?batch_id=${id}`)).json()) as { data: { id: string }[] }).data;
    expect(await check('get', '/v1/batches/{id}', `/v1/batches/${id}`)).toBe(200);
    expect(await check('get', '/v1/batches/{id}', `/v1/batches/${nowhere}`)).toBe(404);
    expect(await check('post', '/v1/batches/{id}/retry', `/v1/batches/${id}/retry`)).toBe(409);
    await api.finish(job?.id ?? '', { outcomes: [{ name: 'thumb', status: 'failed', code: 'invalid_operation' }] });
    expect(await check('get', '/v1/batches/{id}', `/v1/batches/${id}`)).toBe(200);
    expect(await check('post', '/v1/batches/{id}/retry', `/v1/batches/${id}/retry`)).toBe(202);
    await api.claim(job?.id ?? '');
    expect(await check('post', '/v1/batches/{id}/cancel', `/v1/batches/${id}/cancel`)).toBe(202);
    const other = (await (await api.fetch('/v1/batches', batch)).json()) as { id: string };
    expect(await check('post', '/v1/batches/{id}/cancel', `/v1/batches/${other.id}/cancel`)).toBe(200);
    expect(await check('post', '/v1/batches/{id}/cancel', `/v1/batches/${other.id}/cancel`)).toBe(409);
  });

  test('uploads', async () => {
    expect(await check('post', '/v1/uploads', '/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' }))).toBe(201);
    expect(await check('post', '/v1/uploads', '/v1/uploads', post(form(['file', photo])))).toBe(201);
    expect(await check('post', '/v1/uploads', '/v1/uploads', post(form()))).toBe(422);
    expect(await check('get', '/v1/uploads/{id}', `/v1/uploads/${nowhere}`)).toBe(404);
    expect(await check('delete', '/v1/uploads/{id}', `/v1/uploads/${nowhere}`)).toBe(404);
  });

  test('webhooks', async () => {
    const [endpoints, deliveries] = ['/v1/webhook-endpoints', '/v1/webhook-deliveries'];
    const endpoint = json({ url: 'https://receiver.invalid/', events: ['job.failed'], description: 'Staging' });
    expect(await check('post', endpoints, endpoints, endpoint)).toBe(201);
    expect(await check('post', endpoints, endpoints, json({ url: 'http://127.0.0.1/' }))).toBe(422);
    expect(await check('get', endpoints, endpoints)).toBe(200);
    const { id } = (await (await api.fetch(endpoints, endpoint)).json()) as { id: string };
    const [template, path] = [`${endpoints}/{id}`, `${endpoints}/${id}`];
    expect(await check('get', template, path)).toBe(200);
    expect(await check('patch', template, path, { ...json({ events: null }), method: 'PATCH' })).toBe(200);
    expect(await check('patch', template, path, { ...json({ events: [] }), method: 'PATCH' })).toBe(422);
    expect(await check('post', `${template}/rotate-secret`, `${path}/rotate-secret`)).toBe(200);
    expect(await check('post', `${template}/test`, `${path}/test`)).toBe(202);
    const [{ id: delivery } = { id: '' }] = ((await (await api.fetch(deliveries)).json()) as { data: { id: string }[] }).data;
    expect(await check('get', deliveries, `${deliveries}?limit=1`)).toBe(200);
    expect(await check('get', `${deliveries}/{id}`, `${deliveries}/${delivery}`)).toBe(200);
    expect(await check('post', `${deliveries}/{id}/redeliver`, `${deliveries}/${delivery}/redeliver`)).toBe(409);
    const since = json({ since: '2026-01-01T00:00:00Z' });
    expect(await check('post', `${deliveries}/redeliver`, `${deliveries}/redeliver`, since)).toBe(202);
    expect(await check('post', `${deliveries}/redeliver`, `${deliveries}/redeliver`, json({}))).toBe(422);
    expect(await check('delete', template, path)).toBe(204);
    expect(await check('get', template, path)).toBe(404);
  });

  test('the catalogue and the service itself', async () => {
    expect(await check('get', '/v1/operations', '/v1/operations')).toBe(200);
    expect(await check('get', '/v1/presets', '/v1/presets')).toBe(200);
    expect(await check('get', '/v1/presets/{name}', '/v1/presets/thumbnail')).toBe(200);
    expect(await check('get', '/v1/presets/{name}', '/v1/presets/none')).toBe(404);
    for (const path of ['/livez', '/readyz', '/startupz', '/metrics', '/docs', '/openapi.json'])
      expect(await check('get', path, path)).toBe(200);
    expect(await check('get', '/', '/', { redirect: 'manual' })).toBe(302);
  });
});

test('the page of the documentation comes with all that it needs, and nothing from elsewhere', async () => {
  const page = await api.fetch('/docs');
  const html = await page.text();
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(html).not.toMatch(/(src|href)="https?:/);
  for (const [, file = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect((await api.fetch(new URL(file, `${api.url}/docs`).pathname)).status).toBe(200);
  }
});
