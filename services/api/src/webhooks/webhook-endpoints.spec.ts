import { JobDocument, newWebhookSecret, WebhookOutbox } from '@tintype/jobs';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json, post, thumb } from '../spec/requests.js';
import {
  WebhookDeliveryDocument,
  WebhookEndpointDocument,
  WebhookEndpointList,
  WebhookEndpointWithSecret,
} from './webhook-documents.js';
import { WebhookSender } from './webhook-sender.js';

const nowhere = '0198c0de-0000-7000-8000-000000000001';
const path = '/v1/webhook-endpoints';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  // Nothing leaves this machine.
  await api.app.get(WebhookSender, { strict: false }).beforeApplicationShutdown();
});
afterAll(() => api.close());
afterEach(() => api.dataSource.query('delete from webhook_endpoint'));

async function register(change: object = {}): Promise<WebhookEndpointWithSecret> {
  const answer = await api.fetch(path, json({ url: 'https://app.example.com/hooks', ...change }));
  expect(answer.status).toBe(201);
  return WebhookEndpointWithSecret.parse(await answer.json());
}

function patch(id: string, changes: object): Promise<Response> {
  return api.fetch(`${path}/${id}`, { ...json(changes), method: 'PATCH' });
}

async function get(id: string): Promise<WebhookEndpointDocument> {
  const answer = await api.fetch(`${path}/${id}`);
  expect(answer.status).toBe(200);
  return WebhookEndpointDocument.parse(await answer.json());
}

async function endedJob(change: object = {}): Promise<string> {
  const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], ...change }));
  const { id } = JobDocument.parse(await answer.json());
  await api.fetch(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  return id;
}

describe('POST /v1/webhook-endpoints', () => {
  test('registers an endpoint for everything, and shows its secret once', async () => {
    const answer = await api.fetch(path, json({ url: 'https://App.Example.com/hooks?from=tintype' }));
    expect(answer.status).toBe(201);
    const { secret, ...endpoint } = WebhookEndpointWithSecret.parse(await answer.json());
    expect(answer.headers.get('location')).toBe(`${path}/${endpoint.id}`);
    expect(endpoint).toMatchObject({
      object: 'webhook_endpoint',
      url: 'https://app.example.com/hooks?from=tintype',
      events: null,
      description: null,
      enabled: true,
      disabled_reason: null,
      failing_since: null,
    });
    expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
    expect(await get(endpoint.id)).toEqual(endpoint);
  });

  test('takes types of events, a description and a secret', async () => {
    const secret = newWebhookSecret();
    const endpoint = await register({ events: ['job.failed', 'batch.completed'], description: 'Staging', secret });
    expect(endpoint).toMatchObject({ events: ['batch.completed', 'job.failed'], description: 'Staging', secret });
  });

  test.each([
    [{}, '/url', 'required'],
    [{ url: '/hooks' }, '/url', 'invalid_format'],
    [{ url: 'ftp://example.com/' }, '/url', 'invalid_format'],
    [{ url: 'https://user:word@example.com/' }, '/url', 'invalid_value'],
    [{ url: `https://example.com/${'a'.repeat(2000)}` }, '/url', 'too_big'],
    [{ url: 'https://127.0.0.1/' }, '/url', 'forbidden_address'],
    [{ url: 'https://2130706433/' }, '/url', 'forbidden_address'],
    [{ url: 'https://localhost:8443/' }, '/url', 'forbidden_address'],
    [{ url: 'https://10.1.2.3/' }, '/url', 'forbidden_address'],
    [{ url: 'http://169.254.169.254/latest/meta-data' }, '/url', 'forbidden_address'],
    [{ url: 'https://[::1]/' }, '/url', 'forbidden_address'],
    [{ url: 'https://[::ffff:10.0.0.1]/' }, '/url', 'forbidden_address'],
    [{ url: 'https://example.com/', events: [] }, '/events', 'too_small'],
    [{ url: 'https://example.com/', events: ['job.started'] }, '/events/0', 'invalid_value'],
    [{ url: 'https://example.com/', events: ['endpoint.test'] }, '/events/0', 'invalid_value'],
    [{ url: 'https://example.com/', secret: 'hunter2' }, '/secret', 'invalid_value'],
    [{ url: 'https://example.com/', secret: `whsec_${'A'.repeat(28)}` }, '/secret', 'invalid_value'],
    [{ url: 'https://example.com/', secret: `whsec_${'A'.repeat(88)}` }, '/secret', 'invalid_value'],
    [{ url: 'https://example.com/', secret: `whsec_${'A'.repeat(33)}` }, '/secret', 'invalid_value'],
    [{ url: 'https://example.com/', colour: 'red' }, '/colour', 'unknown_property'],
  ])('refuses %j', async (body, pointer, code) => {
    const { errors } = await expectProblem(await api.fetch(path, json(body)), 422, 'validation_failed');
    expect(errors).toMatchObject([{ pointer, code }]);
  });

  test('refuses what is no JSON', async () => {
    await expectProblem(await api.fetch(path, post('{', { 'Content-Type': 'application/json' })), 400, 'malformed_json');
    await expectProblem(await api.fetch(path, post('url=x')), 415, 'unsupported_media_type');
  });
});

test('registered endpoints are listed in pages, newest first, and those that jobs name are not among them', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.unshift((await register({ url: `https://example.com/${n}` })).id);
  await endedJob({ webhook: { url: 'https://example.com/own', secret: newWebhookSecret() } });
  const seen: string[] = [];
  for (let next: string | undefined = `${path}?limit=2`; next;) {
    const answer: Response = await api.fetch(next);
    seen.push(...WebhookEndpointList.parse(await answer.json()).data.map(({ id }) => id));
    next = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  expect(seen).toEqual(ids);
  await expectProblem(await api.fetch(`${path}?limit=0`), 422, 'validation_failed');
});

describe('PATCH /v1/webhook-endpoints/{id}', () => {
  test('changes what is there and leaves the rest', async () => {
    const { id } = await register({ events: ['job.failed'], description: 'a' });
    const changed = await patch(id, { url: 'https://example.com/new', description: null });
    expect(changed.status).toBe(200);
    expect(await get(id)).toMatchObject({ url: 'https://example.com/new', events: ['job.failed'], description: null });
    await patch(id, { events: null });
    expect(await get(id)).toMatchObject({ url: 'https://example.com/new', events: null });
  });

  test('disables it, which gives up what waits for it, and enables it again', async () => {
    const { id } = await register();
    await endedJob();
    await patch(id, { enabled: false });
    const disabled = await get(id);
    expect(disabled).toMatchObject({ enabled: false, disabled_reason: 'requested', disabled_at: expect.any(String) });
    await endedJob();
    const list = (await (await api.fetch(`/v1/webhook-deliveries?endpoint_id=${id}`)).json()) as { data: { status: string }[] };
    expect(list.data.map(({ status }) => status)).toEqual(['failed']);
    await patch(id, { enabled: false });
    expect(await get(id)).toEqual(disabled);

    await patch(id, { enabled: true });

    expect(await get(id)).toMatchObject({ enabled: true, disabled_reason: null, disabled_at: null });
  });

  test('refuses what a registration refuses, and endpoints that are not there', async () => {
    const { id } = await register();
    const { errors } = await expectProblem(await patch(id, { url: 'http://192.168.0.1/' }), 422, 'validation_failed');
    expect(errors).toMatchObject([{ pointer: '/url', code: 'forbidden_address' }]);
    await expectProblem(await patch(id, { secret: newWebhookSecret() }), 422, 'validation_failed');
    await expectProblem(await patch(nowhere, { enabled: true }), 404, 'not_found');
  });
});

test('a secret is rotated to a new one or to a given one', async () => {
  const { id, secret } = await register();
  const made = await api.fetch(`${path}/${id}/rotate-secret`, { method: 'POST' });
  expect(made.status).toBe(200);
  const rotated = WebhookEndpointWithSecret.parse(await made.json());
  expect(rotated.secret).not.toBe(secret);
  const hours = (Date.parse(rotated.previous_secret_expires_at ?? '') - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23.9);
  expect(hours).toBeLessThan(24.1);

  const own = newWebhookSecret();
  const given = await api.fetch(`${path}/${id}/rotate-secret`, json({ secret: own }));
  expect(WebhookEndpointWithSecret.parse(await given.json()).secret).toBe(own);
  await expectProblem(await api.fetch(`${path}/${id}/rotate-secret`, json({ secret: 'x' })), 422, 'validation_failed');
  await expectProblem(await api.fetch(`${path}/${nowhere}/rotate-secret`, { method: 'POST' }), 404, 'not_found');
});

test('an endpoint is deleted with its log', async () => {
  const { id } = await register();
  await endedJob();
  expect((await api.fetch(`${path}/${id}`, { method: 'DELETE' })).status).toBe(204);
  await expectProblem(await api.fetch(`${path}/${id}`), 404, 'not_found');
  await expectProblem(await api.fetch(`${path}/${id}`, { method: 'DELETE' }), 404, 'not_found');
  expect(await (await api.fetch(`/v1/webhook-deliveries?endpoint_id=${id}`)).json()).toMatchObject({ data: [] });
});

test('an endpoint is tested while it is enabled', async () => {
  const { id } = await register({ events: ['job.failed'] });
  const answer = await api.fetch(`${path}/${id}/test`, { method: 'POST' });
  expect(answer.status).toBe(202);
  const delivery = WebhookDeliveryDocument.parse(await answer.json());
  expect(delivery).toMatchObject({ endpoint_id: id, type: 'endpoint.test', status: 'pending', job_id: null, batch_id: null });
  expect(answer.headers.get('location')).toBe(`/v1/webhook-deliveries/${delivery.id}`);
  await patch(id, { enabled: false });
  await expectProblem(await api.fetch(`${path}/${id}/test`, { method: 'POST' }), 409, 'endpoint_disabled');
  await expectProblem(await api.fetch(`${path}/${nowhere}/test`, { method: 'POST' }), 404, 'not_found');
});

describe('the webhook of a job', () => {
  test.each([
    [{ url: 'https://example.com/' }, '/webhook/secret'],
    [{ secret: newWebhookSecret() }, '/webhook/url'],
    [{ url: 'https://127.0.0.1/', secret: newWebhookSecret() }, '/webhook/url'],
    [{ url: 'https://example.com/', secret: newWebhookSecret(), events: ['batch.completed'] }, '/webhook/events/0'],
  ])('is refused when it is %j', async (webhook, pointer) => {
    const jobs = await api.rows('job');
    const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], webhook }));
    const { errors } = await expectProblem(answer, 422, 'validation_failed');
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect(await api.rows('job')).toBe(jobs);
  });

  test('may come with a file, and jobs that have the same share an endpoint', async () => {
    const webhook = { url: 'https://example.com/', secret: newWebhookSecret() };
    for (let job = 0; job < 2; job++) {
      const form = new FormData();
      form.set('job', JSON.stringify({ outputs: [thumb], webhook }));
      form.set('file', new Blob([Buffer.from(inline().data, 'base64')]), 'a.jpg');
      expect((await api.fetch('/v1/jobs', { method: 'POST', body: form })).status).toBe(202);
    }
    await endedJob({ webhook });
    const rows = await api.dataSource.query<{ jobs: number }[]>(
      `select count(*)::int as jobs from webhook_endpoint join job on webhook_endpoint_id = webhook_endpoint.id group by webhook_endpoint.id`,
    );
    expect(rows).toEqual([{ jobs: 3 }]);
  });
});

test('secrets are told by nothing but the answers that give them', async () => {
  const given = newWebhookSecret();
  const { id, secret } = await register();
  await register({ secret: given });
  await api.fetch(`${path}/${id}/rotate-secret`, json({ secret: newWebhookSecret() }));
  const job = await endedJob({ webhook: { url: 'https://example.com/', secret: given } });
  await patch(id, { enabled: false });
  await api.fetch(path, json({ url: 'https://example.com/', secret: `${given}!` }));
  // A database that refuses a row may quote it.
  await api.dataSource.query(`alter table webhook_endpoint add constraint unlucky check (url <> 'https://unlucky.example/')`);
  await expectProblem(await api.fetch(path, json({ url: 'https://unlucky.example/', secret: given })), 500, 'internal');
  await api.app.get(WebhookOutbox, { strict: false }).claim(10, 60);

  const answers: string[] = [];
  for (const place of [path, `${path}/${id}`, '/v1/webhook-deliveries', `/v1/jobs/${job}`, '/v1/jobs', '/metrics']) {
    answers.push(await (await api.fetch(place)).text());
  }

  for (const text of [...answers, JSON.stringify(api.log)]) {
    expect(text).not.toContain(given);
    expect(text).not.toContain(secret);
    expect(text).not.toMatch(/whsec_[A-Za-z0-9+/]/);
  }
  expect(JSON.stringify(api.log)).toContain('whsec_[redacted]');
});
