import { JobDocument, JobWebhookPayload, newWebhookSecret } from '@tintype/jobs';
import { eventually, freePort, startService } from '@tintype/testing';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { inline, json, thumb } from '../spec/requests.js';
import { allowReceivers, type Answer, type ReceivedWebhook, WebhookReceiver } from '../spec/webhook-receiver.js';
import { WebhookDeliveryList, WebhookDeliveryWithAttempts, WebhookEndpointWithSecret } from './webhook-documents.js';
import { WebhookSender } from './webhook-sender.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start({ ...allowReceivers, WEBHOOK_TIMEOUT_SECONDS: '1' });
});
afterAll(() => api.close());

const receivers: WebhookReceiver[] = [];
afterEach(async () => {
  await api.dataSource.query('delete from webhook_endpoint');
  for (const receiver of receivers.splice(0)) await receiver.close();
});

async function receiving(answer?: Answer): Promise<WebhookReceiver> {
  const receiver = await WebhookReceiver.start(answer);
  receivers.push(receiver);
  return receiver;
}

/** A job that has ended, and whose end is owed to this endpoint. */
async function endedJob(webhook: { url: string; secret?: string; events?: string[] }, by = api): Promise<string> {
  const body = { source: inline(), outputs: [thumb], webhook: { secret: newWebhookSecret(), ...webhook } };
  const answer = await by.fetch('/v1/jobs', json(body));
  expect(answer.status).toBe(202);
  const { id } = JobDocument.parse(await answer.json());
  expect((await by.fetch(`/v1/jobs/${id}/cancel`, { method: 'POST' })).status).toBe(200);
  return id;
}

async function register(receiver: WebhookReceiver, change: object = {}): Promise<WebhookEndpointWithSecret> {
  const answer = await api.fetch('/v1/webhook-endpoints', json({ url: receiver.url, ...change }));
  return WebhookEndpointWithSecret.parse(await answer.json());
}

async function deliveryOf(jobId: string, by = api): Promise<WebhookDeliveryWithAttempts> {
  const answer = await by.fetch(`/v1/webhook-deliveries?job_id=${jobId}`);
  const [{ id } = { id: '' }, ...others] = WebhookDeliveryList.parse(await answer.json()).data;
  expect(others).toEqual([]);
  return WebhookDeliveryWithAttempts.parse(await (await by.fetch(`/v1/webhook-deliveries/${id}`)).json());
}

/** The delivery, when so many attempts are in its log. */
function attempted(jobId: string, times: number, by = api): Promise<WebhookDeliveryWithAttempts> {
  return eventually(async () => {
    const delivery = await deliveryOf(jobId, by);
    return delivery.attempts.length >= times && delivery;
  });
}

/** The next attempts are due, and the locks of senders that are gone have run out. */
async function passTime(by = api): Promise<void> {
  await by.dataSource.query(
    `update webhook_delivery set next_at = now(), locked_until = locked_until - interval '1 hour' where status = 'pending'`,
  );
}

function databaseUrl({ settings }: ApiUnderTest): string {
  return settings.DATABASE_URL ?? '';
}

function verify({ body, headers }: ReceivedWebhook, secret: string): unknown {
  return new Webhook(secret).verify(body, headers);
}

async function metric(name: string): Promise<number> {
  const line = (await (await api.fetch('/metrics')).text()).split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1));
}

describe('a webhook', () => {
  test('comes soon after the end of the job, is signed by Standard Webhooks, and tells of the job as the API does', async () => {
    const receiver = await receiving();
    const { secret } = await register(receiver);
    const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], metadata: { order: 7 } }));
    const { id } = JobDocument.parse(await answer.json());
    await api.finish(id);

    const webhook = await eventually(() => receiver.received[0]);

    expect(webhook.path).toBe('/hooks');
    expect(webhook.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Tintype' });
    const { type, timestamp, data } = JobWebhookPayload.parse(verify(webhook, secret));
    const job = JobDocument.parse(await (await api.fetch(`/v1/jobs/${id}`)).json());
    expect({ type, timestamp, data }).toEqual({ type: 'job.completed', timestamp: job.finished_at, data: job });
    expect(await attempted(id, 1)).toMatchObject({
      id: webhook.headers['webhook-id'],
      status: 'delivered',
      job_id: id,
      attempts: [{ number: 1, status_code: 200, error: null, response: '' }],
    });
  });

  test('goes to the endpoint that the job names, for the ends that it asks for', async () => {
    const receiver = await receiving();
    const secret = newWebhookSecret();
    const told = await endedJob({ url: receiver.url, secret, events: ['job.canceled'] });
    await endedJob({ url: receiver.url, secret, events: ['job.completed', 'job.failed'] });
    await attempted(told, 1);
    expect(receiver.received.map((webhook) => (verify(webhook, secret) as { type: string }).type)).toEqual(['job.canceled']);
  });

  test('is repeated with the same id and the same body, and a signature of its own', async () => {
    const receiver = await receiving((response, times) => response.writeHead(times < 3 ? 500 : 204).end('busy'));
    const secret = newWebhookSecret();
    const id = await endedJob({ url: receiver.url, secret });
    for (const times of [1, 2]) {
      expect(await attempted(id, times)).toMatchObject({ status: 'pending', attempt: times });
      await passTime();
    }

    const { status, attempts } = await attempted(id, 3);

    expect(status).toBe('delivered');
    expect(attempts.map(({ status_code, response }) => [status_code, response])).toEqual([
      [500, 'busy'],
      [500, 'busy'],
      [204, ''],
    ]);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    for (const webhook of receiver.received) verify(webhook, secret);
  });

  test('has two signatures for a day after its secret was changed', async () => {
    const receiver = await receiving();
    const { id, secret } = await register(receiver);
    const rotated = await api.fetch(`/v1/webhook-endpoints/${id}/rotate-secret`, { method: 'POST' });
    const { secret: newSecret } = WebhookEndpointWithSecret.parse(await rotated.json());
    await api.fetch(`/v1/webhook-endpoints/${id}/test`, { method: 'POST' });

    const webhook = await eventually(() => receiver.received[0]);

    expect(webhook.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    expect(verify(webhook, newSecret)).toEqual(verify(webhook, secret));
    expect(verify(webhook, secret)).toMatchObject({ type: 'endpoint.test', data: { endpoint_id: id } });
    await api.dataSource.query('update webhook_endpoint set previous_secret_expires_at = now()');
    await api.fetch(`/v1/webhook-endpoints/${id}/test`, { method: 'POST' });
    const later = await eventually(() => receiver.received[1]);
    expect(() => verify(later, secret)).toThrow('No matching signature');
    verify(later, newSecret);
  });

  test.each([301, 302, 307, 308])('is not taken elsewhere by a redirect: %s', async (status) => {
    const elsewhere = await receiving();
    const receiver = await receiving((response) => response.writeHead(status, { Location: elsewhere.url }).end());
    const id = await endedJob({ url: receiver.url });
    expect(await attempted(id, 1)).toMatchObject({ status: 'pending', attempts: [{ status_code: status }] });
    expect(elsewhere.received).toEqual([]);
  });

  test('is tried later when the endpoint asks for that', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    for (const value of ['3600', inAnHour]) {
      const receiver = await receiving((response) => response.writeHead(429, { 'Retry-After': value }).end());
      const { next_attempt_at } = await attempted(await endedJob({ url: receiver.url }), 1);
      const seconds = (Date.parse(next_attempt_at ?? '') - Date.now()) / 1000;
      expect(seconds).toBeGreaterThan(3_500);
      expect(seconds).toBeLessThan(3_700);
    }
  });

  test('that is not answered in time is tried again', async () => {
    const receiver = await receiving(() => undefined);
    const id = await endedJob({ url: receiver.url });
    const { status, attempts } = await attempted(id, 1);
    expect({ status, attempts }).toMatchObject({
      status: 'pending',
      attempts: [{ status_code: null, error: 'took too long to answer' }],
    });
    expect(attempts[0]?.duration_ms).toBeGreaterThanOrEqual(1000);
    expect(attempts[0]?.duration_ms).toBeLessThan(5000);
  });

  test('that nobody listens for is tried again, and says so', async () => {
    const { url } = await receiving();
    await receivers.pop()?.close();
    const id = await endedJob({ url });
    expect(await attempted(id, 1)).toMatchObject({ attempts: [{ error: 'could not be asked: ECONNREFUSED' }] });
  });

  test('is taken when the status says so, whatever comes after it, of which the beginning is logged', async () => {
    const endless = await receiving((response) => response.write('a'.repeat(5_000)));
    const broken = await receiving((response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('\0not all');
      setTimeout(() => response.destroy(), 50);
    });
    const first = await endedJob({ url: endless.url });
    const second = await endedJob({ url: broken.url });
    expect(await attempted(first, 1)).toMatchObject({ status: 'delivered', attempts: [{ response: 'a'.repeat(1024) }] });
    expect(await attempted(second, 1)).toMatchObject({ status: 'delivered', attempts: [{ response: '\uFFFDnot all' }] });
  });
});

describe('an endpoint', () => {
  test('that answers 410 is sent no more', async () => {
    const receiver = await receiving((response) => response.writeHead(410).end());
    const { id: endpointId } = await register(receiver);
    const before = await metric('webhook_endpoints_disabled_total{reason="gone"}');
    const job = await endedJob({ url: (await receiving()).url });

    await eventually(() => receiver.received.length === 1);
    const endpoint = await eventually(async () => {
      const document = (await (await api.fetch(`/v1/webhook-endpoints/${endpointId}`)).json()) as { enabled: boolean };
      return !document.enabled && document;
    });

    expect(endpoint).toMatchObject({ enabled: false, disabled_reason: 'gone', disabled_at: expect.any(String) });
    const list = await api.fetch(`/v1/webhook-deliveries?job_id=${job}&endpoint_id=${endpointId}`);
    expect(WebhookDeliveryList.parse(await list.json()).data).toMatchObject([{ status: 'failed' }]);
    await attempted(await endedJob({ url: (await receiving()).url }), 1);
    expect(receiver.received).toHaveLength(1);
    await eventually(async () => (await metric('webhook_endpoints_disabled_total{reason="gone"}')) === before + 1);
    expect(api.log).toContainEqual(expect.objectContaining({ msg: 'webhook endpoint disabled', reason: 'gone' }));
  });

  test('that hangs delays no other, whatever waits for it', async () => {
    const hanging = await receiving(() => undefined);
    const quick = await receiving();
    const job = await endedJob({ url: hanging.url });
    // More than a sender has under way at a time.
    await api.dataSource.query(
      `insert into webhook_delivery (id, endpoint_id, lane, type, body)
      select gen_random_uuid(), endpoint_id, lane, type, '{}' from webhook_delivery, generate_series(1, 1000) where job_id = $1`,
      [job],
    );
    await eventually(() => hanging.received.length >= 32);

    await endedJob({ url: quick.url });
    await eventually(() => quick.received.length === 1);

    expect(hanging.received.length).toBeLessThan(256);
  });

  test('at an address that must not be asked is not asked, and the log says why', async () => {
    const receiver = await receiving();
    const before = await metric('webhook_attempts_total{outcome="refused"}');
    const port = new URL(receiver.url).port;
    // What is registered was checked; what its name leads to may change.
    const endpoint = await register(receiver);
    await api.dataSource.query('update webhook_endpoint set url = $2 where id = $1', [endpoint.id, `http://[::1]:${port}/`]);
    const test = (await (await api.fetch(`/v1/webhook-endpoints/${endpoint.id}/test`, { method: 'POST' })).json()) as {
      id: string;
    };

    const { attempts } = await eventually(async () => {
      const answer = await api.fetch(`/v1/webhook-deliveries/${test.id}`);
      const delivery = WebhookDeliveryWithAttempts.parse(await answer.json());
      return delivery.attempts.length > 0 && delivery;
    });

    expect(attempts).toMatchObject([{ status_code: null, error: expect.stringContaining('must not be asked'), response: null }]);
    expect(await metric('webhook_attempts_total{outcome="refused"}')).toBe(before + 1);
    expect(receiver.received).toEqual([]);
  });
});

describe('several senders', () => {
  /** Takes requests, and sends nothing. */
  let idle: ApiUnderTest;
  beforeAll(async () => {
    idle = await ApiUnderTest.start(allowReceivers);
    await idle.app.get(WebhookSender, { strict: false }).beforeApplicationShutdown();
  });
  afterAll(() => idle.close());

  test('send everything once', async () => {
    const receiver = await receiving();
    const secret = newWebhookSecret();
    const other = await ApiUnderTest.start({ ...allowReceivers, DATABASE_URL: databaseUrl(api) });
    try {
      const ids = [];
      for (let job = 0; job < 40; job++) ids.push(await endedJob({ url: receiver.url, secret }));
      await eventually(() => receiver.received.length >= 40);
      for (const id of ids) expect((await attempted(id, 1)).attempts).toHaveLength(1);
      expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(40);
      expect(receiver.received).toHaveLength(40);
    } finally {
      await other.close();
    }
  });

  test('repeat with the same id what one left that was killed', async () => {
    let hanging = true;
    const receiver = await receiving((response) => hanging || response.end());
    const port = await freePort();
    const killed = await startService({
      entry: fileURLToPath(new URL('../main.js', import.meta.url)),
      env: {
        ...allowReceivers,
        API_PORT: String(port),
        DATABASE_URL: databaseUrl(idle),
        REDIS_URL: idle.settings.REDIS_URL ?? '',
        STORAGE_DIR: idle.storageDirectory,
      },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
    const id = await endedJob({ url: receiver.url }, idle);
    await eventually(() => receiver.received.length === 1);
    await killed.stop('SIGKILL');
    hanging = false;
    const other = await ApiUnderTest.start({ ...allowReceivers, DATABASE_URL: databaseUrl(idle) });
    try {
      await passTime(idle);
      expect(await attempted(id, 1, idle)).toMatchObject({ status: 'delivered', attempts: [{ number: 1 }] });
    } finally {
      await other.close();
    }
    const [first, second, ...others] = receiver.received;
    expect(second).toMatchObject({ body: first?.body, headers: { 'webhook-id': first?.headers['webhook-id'] } });
    expect(others).toEqual([]);
  });
});
