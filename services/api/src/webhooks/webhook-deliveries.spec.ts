import { type AttemptResult, JobDocument, newWebhookSecret, WebhookOutbox } from '@tintype/jobs';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json, thumb } from '../spec/requests.js';
import { WebhookDeliveryList, WebhookDeliveryWithAttempts } from './webhook-documents.js';
import { WebhookSender } from './webhook-sender.js';

const nowhere = '0198c0de-0000-7000-8000-000000000001';
const path = '/v1/webhook-deliveries';
const delivered: AttemptResult = { outcome: 'delivered', durationMs: 7, statusCode: 200, response: 'thanks' };
const failed: AttemptResult = { outcome: 'failed', durationMs: 7, error: 'took too long to answer' };
const gone: AttemptResult = { outcome: 'gone', durationMs: 7, statusCode: 410 };

let api: ApiUnderTest;
let outbox: WebhookOutbox;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  outbox = api.app.get(WebhookOutbox, { strict: false });
  // What becomes of an attempt is told here.
  await api.app.get(WebhookSender, { strict: false }).beforeApplicationShutdown();
});
afterAll(() => api.close());
afterEach(() => api.dataSource.query('delete from webhook_endpoint'));

/** A job that has ended, and the delivery of that to an endpoint of its own. */
async function owed(): Promise<{ job: string; id: string; endpoint: string }> {
  const webhook = { url: 'https://example.com/hooks', secret: newWebhookSecret() };
  const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], webhook }));
  const { id: job } = JobDocument.parse(await answer.json());
  await api.fetch(`/v1/jobs/${job}/cancel`, { method: 'POST' });
  const [delivery] = await list(`job_id=${job}`);
  return { job, id: delivery?.id ?? '', endpoint: delivery?.endpoint_id ?? '' };
}

async function list(query: string): Promise<WebhookDeliveryList['data']> {
  return WebhookDeliveryList.parse(await (await api.fetch(`${path}?${query}`)).json()).data;
}

async function get(id: string): Promise<WebhookDeliveryWithAttempts> {
  const answer = await api.fetch(`${path}/${id}`);
  expect(answer.status).toBe(200);
  return WebhookDeliveryWithAttempts.parse(await answer.json());
}

/** Makes the next attempt at a delivery. */
async function attempt(result: AttemptResult, id: string): Promise<void> {
  await api.dataSource.query('update webhook_delivery set next_at = now(), lock_token = null, locked_until = null');
  const { claimed } = await outbox.claim(100, 60);
  const delivery = claimed.find((one) => one.id === id);
  if (!delivery || !(await outbox.record(delivery, result))) throw new Error('not claimed');
}

function redeliver(body: object): Promise<Response> {
  return api.fetch(`${path}/redeliver`, json(body));
}

describe('the log', () => {
  test('tells of a delivery and of each attempt at it', async () => {
    const { id, job, endpoint } = await owed();
    expect(await get(id)).toMatchObject({ status: 'pending', attempt: 0, next_attempt_at: expect.any(String), attempts: [] });
    await attempt(failed, id);
    await attempt(delivered, id);
    expect(await get(id)).toMatchObject({
      id,
      object: 'webhook_delivery',
      endpoint_id: endpoint,
      url: 'https://example.com/hooks',
      type: 'job.canceled',
      job_id: job,
      batch_id: null,
      status: 'delivered',
      attempt: 2,
      next_attempt_at: null,
      finished_at: expect.any(String),
      attempts: [
        { number: 1, duration_ms: 7, status_code: null, error: 'took too long to answer', response: null },
        { number: 2, duration_ms: 7, status_code: 200, error: null, response: 'thanks' },
      ],
    });
    await expectProblem(await api.fetch(`${path}/${nowhere}`), 404, 'not_found');
    await expectProblem(await api.fetch(`${path}/x`), 404, 'not_found');
  });

  test('is listed in pages, newest first, by endpoint, job and status', async () => {
    const all = [];
    for (let n = 0; n < 5; n++) all.unshift(await owed());
    const [newest, second] = all;
    await attempt(delivered, newest?.id ?? '');
    await attempt(gone, second?.id ?? '');

    const seen: string[] = [];
    for (let next: string | undefined = `${path}?limit=2`; next;) {
      const answer: Response = await api.fetch(next);
      seen.push(...WebhookDeliveryList.parse(await answer.json()).data.map(({ id }) => id));
      next = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual(all.map(({ id }) => id));
    for (const [query, expected] of [
      [`endpoint_id=${newest?.endpoint}`, [newest]],
      [`job_id=${second?.job}`, [second]],
      ['status=delivered', [newest]],
      ['status=failed', [second]],
      ['status=pending&limit=200', all.slice(2)],
      [`status=pending&job_id=${newest?.job}`, []],
    ] as const) {
      expect((await list(query)).map(({ id }) => id)).toEqual(expected.map((one) => one?.id));
    }
  });

  test.each(['limit=0', 'status=lost', 'endpoint_id=1', 'job_id=1', 'cursor=x', 'colour=red'])('refuses ?%s', async (query) => {
    const { errors } = await expectProblem(await api.fetch(`${path}?${query}`), 422, 'validation_failed');
    expect(errors?.[0]?.pointer).toBe(`/${query.split('=')[0]}`);
  });
});

describe('a delivery by request', () => {
  test('has the same id and body, and as many attempts as the first', async () => {
    const { id } = await owed();
    const [first] = (await outbox.claim(1, 60)).claimed;
    if (!first) throw new Error('not claimed');
    await outbox.record(first, delivered);

    const answer = await api.fetch(`${path}/${id}/redeliver`, { method: 'POST' });
    expect(answer.status).toBe(202);
    expect(WebhookDeliveryWithAttempts.parse(await answer.json())).toMatchObject({ id, status: 'pending', attempt: 0 });
    const [second] = (await outbox.claim(1, 60)).claimed;
    expect(second).toMatchObject({ id, body: first.body });
    if (second) await outbox.record(second, delivered);

    expect(await get(id)).toMatchObject({ status: 'delivered', attempt: 1, attempts: [{ number: 1 }, { number: 2 }] });
  });

  test('is refused while it is delivered anyway, while its endpoint is disabled, and for none', async () => {
    const { id } = await owed();
    const again = () => api.fetch(`${path}/${id}/redeliver`, { method: 'POST' });
    await expectProblem(await again(), 409, 'delivery_pending');
    await attempt(gone, id);
    await expectProblem(await again(), 409, 'endpoint_disabled');
    await expectProblem(await api.fetch(`${path}/${nowhere}/redeliver`, { method: 'POST' }), 404, 'not_found');
  });

  test('of a time is that of all that were given up, or taken, in it', async () => {
    const [old, lost, taken, pending, disabled] = [await owed(), await owed(), await owed(), await owed(), await owed()];
    await attempt(gone, disabled.id);
    await attempt(delivered, taken.id);
    const dead = `update webhook_delivery set status = 'failed', finished_at = now(), lock_token = null, locked_until = null`;
    await api.dataSource.query(`${dead} where id = any($1)`, [[old.id, lost.id]]);
    await api.dataSource.query(`update webhook_delivery set created_at = created_at - interval '2 days' where id = $1`, [old.id]);
    const statuses = async () => Promise.all([old, lost, taken, pending, disabled].map(async ({ id }) => (await get(id)).status));
    expect(await statuses()).toEqual(['failed', 'failed', 'delivered', 'pending', 'failed']);
    const yesterday = new Date(Date.now() - 86_400_000);

    const answer = await redeliver({ since: yesterday.toISOString() });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ redelivered: 1 });
    expect(await statuses()).toEqual(['failed', 'pending', 'delivered', 'pending', 'failed']);

    const before = { since: '2020-01-01T02:00:00+02:00', until: yesterday.toISOString() };
    expect(await (await redeliver({ ...before, endpoint_id: taken.endpoint })).json()).toEqual({ redelivered: 0 });
    expect(await (await redeliver(before)).json()).toEqual({ redelivered: 1 });
    expect(await (await redeliver({ since: yesterday.toISOString(), status: 'delivered' })).json()).toEqual({ redelivered: 1 });
    expect(await statuses()).toEqual(['pending', 'pending', 'pending', 'pending', 'failed']);
  });

  test('of a time reaches all of many', async () => {
    const { endpoint, id } = await owed();
    await api.dataSource.query(
      `insert into webhook_delivery (id, endpoint_id, lane, type, body, status, finished_at)
      select gen_random_uuid(), endpoint_id, lane, type, '{}', 'failed', now() from webhook_delivery, generate_series(1, 2500) where id = $1`,
      [id],
    );
    const answer = await redeliver({ since: new Date(Date.now() - 60_000).toISOString(), endpoint_id: endpoint });
    expect(await answer.json()).toEqual({ redelivered: 2500 });
  });

  test.each([
    [{}, '/since'],
    [{ since: 'yesterday' }, '/since'],
    [{ since: '2026-01-01T00:00:00Z', status: 'pending' }, '/status'],
    [{ since: '2026-01-01T00:00:00Z', endpoint_id: '1' }, '/endpoint_id'],
    [{ since: '2026-01-01T00:00:00Z', all: true }, '/all'],
  ])('of a time is refused as %j', async (body, pointer) => {
    const { errors } = await expectProblem(await redeliver(body), 422, 'validation_failed');
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
  });
});
