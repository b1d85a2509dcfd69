import { Batches } from '../batches.js';
import { jobDocument } from '../job-document.js';
import { JobDatabase, newJob } from '../spec/job-database.js';
import { WebhookDeliveries, type WebhookAttempt, type WebhookDelivery } from './webhook-deliveries.js';
import { WebhookEndpoints } from './webhook-endpoints.js';
import {
  laneLimit,
  retryDelays,
  WebhookOutbox,
  type AttemptResult,
  type ClaimedDelivery,
  type RecordedAttempt,
} from './webhook-outbox.js';
import { BatchWebhookPayload, JobWebhookPayload } from './webhook-payload.js';
import { newWebhookSecret } from './webhook-secret.js';

const delivered: AttemptResult = { outcome: 'delivered', durationMs: 12, statusCode: 200 };
const failed: AttemptResult = { outcome: 'failed', durationMs: 12, statusCode: 500, response: 'no' };
const gone: AttemptResult = { outcome: 'gone', durationMs: 12, statusCode: 410 };

let jobs: JobDatabase;
let endpoints: WebhookEndpoints;
let deliveries: WebhookDeliveries;
let outbox: WebhookOutbox;
beforeAll(async () => {
  jobs = await JobDatabase.open();
  endpoints = new WebhookEndpoints(jobs.dataSource);
  deliveries = new WebhookDeliveries(jobs.dataSource);
  outbox = new WebhookOutbox(jobs.dataSource);
});
afterAll(() => jobs.close());
afterEach(() => jobs.dataSource.query('delete from webhook_endpoint'));

let servers = 0;
function url(): string {
  return `https://server-${++servers}.example/hooks`;
}

async function named(at = url()): Promise<string> {
  return endpoints.findOrCreate({ url: at, secret: newWebhookSecret() });
}

/** Deliveries to an endpoint, of jobs that have ended. */
async function owed(count: number, endpointId?: string): Promise<string> {
  const id = endpointId ?? (await named());
  const created = await Promise.all(Array.from({ length: count }, () => jobs.intake.create(newJob({ webhookEndpointId: id }))));
  await Promise.all(created.map((job) => jobs.intake.cancel(job.id)));
  return id;
}

async function claim(limit = 100): Promise<ClaimedDelivery[]> {
  return (await outbox.claim(limit, 60)).claimed;
}

async function claimOne(): Promise<ClaimedDelivery> {
  const [delivery, ...others] = await claim();
  if (!delivery || others.length > 0) throw new Error('not exactly one delivery is due');
  return delivery;
}

async function attempt(result: AttemptResult): Promise<RecordedAttempt | undefined> {
  return outbox.record(await claimOne(), result);
}

async function read(id: string): Promise<WebhookDelivery & { attempts: readonly WebhookAttempt[] }> {
  const found = await deliveries.find(id);
  if (!found) throw new Error('not found');
  return { ...found.delivery, attempts: found.attempts };
}

/** Makes everything due, and locks of those who are gone expire. */
async function passTime(): Promise<void> {
  await jobs.dataSource.query(
    `update webhook_delivery set next_at = least(next_at, now()), locked_until = locked_until - interval '1 hour'`,
  );
}

async function secondsToNext(id: string): Promise<number> {
  const [row] = await jobs.dataSource.query<{ seconds: number }[]>(
    'select extract(epoch from next_at - now())::float8 as seconds from webhook_delivery where id = $1',
    [id],
  );
  return row?.seconds ?? Number.NaN;
}

function countBy(claimed: readonly ClaimedDelivery[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { endpointId } of claimed) counts[endpointId] = (counts[endpointId] ?? 0) + 1;
  return counts;
}

describe('what is delivered', () => {
  test('is the job as it ended, in the form of Standard Webhooks', async () => {
    const secret = newWebhookSecret();
    const endpoint = await endpoints.findOrCreate({ url: 'https://example.com/hooks', secret });
    const job = await jobs.completed({ webhookEndpointId: endpoint, metadata: { order: 7 } });

    const delivery = await claimOne();

    expect(delivery).toMatchObject({ url: 'https://example.com/hooks', secrets: [secret], type: 'job.completed' });
    const payload = JobWebhookPayload.parse(JSON.parse(delivery.body));
    expect(payload).toEqual({ type: 'job.completed', timestamp: job.finishedAt?.toISOString(), data: jobDocument(job) });
  });

  test('is the batch, when its last job has ended', async () => {
    const endpoint = await named();
    const { batch } = await new Batches(jobs.dataSource).create({ jobs: [newJob(), newJob()], webhookEndpointId: endpoint });
    await new Batches(jobs.dataSource).cancel(batch.id);

    const { type, data } = BatchWebhookPayload.parse(JSON.parse((await claimOne()).body));

    expect({ type, data }).toMatchObject({ type: 'batch.completed', data: { id: batch.id, counts: { total: 2, canceled: 2 } } });
  });

  test('is the same under the same id however often it is tried, whatever becomes of the job meanwhile', async () => {
    const endpoint = await named();
    const job = await jobs.running({ webhookEndpointId: endpoint });
    await jobs.leases.fail(job.id, job.leaseToken, { code: 'corrupt_image' });
    const first = await claimOne();
    await outbox.record(first, failed);
    await jobs.intake.retry(job.id);
    await passTime();

    const second = await claimOne();

    expect({ id: second.id, body: second.body }).toEqual({ id: first.id, body: first.body });
    expect(JobWebhookPayload.parse(JSON.parse(second.body)).data.status).toBe('failed');
  });

  test('goes to registered endpoints that want the type, and to the one that the job names', async () => {
    const all = await endpoints.create({ url: url() });
    const canceled = await endpoints.create({ url: url(), events: ['job.canceled', 'batch.completed'] });
    await endpoints.create({ url: url(), events: ['job.failed'] });
    const own = await named();
    await named();
    const job = await jobs.intake.create(newJob({ webhookEndpointId: own }));
    await jobs.intake.cancel(job.id);

    expect((await claim()).map(({ endpointId }) => endpointId).sort()).toEqual([all.id, canceled.id, own].sort());
  });

  test('is signed with the secret before, too, for a day', async () => {
    const { id, secret } = await endpoints.create({ url: url() });
    const rotated = await endpoints.rotateSecret(id);
    const job = await jobs.intake.create(newJob());
    await jobs.intake.cancel(job.id);
    const first = await claimOne();
    expect(first.secrets).toEqual([rotated?.secret, secret]);
    await outbox.record(first, failed);
    await jobs.dataSource.query(`update webhook_endpoint set previous_secret_expires_at = now() where id = $1`, [id]);
    await passTime();

    expect((await claimOne()).secrets).toEqual([rotated?.secret]);
  });
});

describe('attempts', () => {
  test('end with the one that succeeds', async () => {
    await owed(1);
    const { id } = await claimOne();
    await passTime();
    await attempt(failed);
    await passTime();

    expect(await attempt(delivered)).toEqual({ status: 'delivered', disabled: undefined, ended: 0 });

    expect(await read(id)).toMatchObject({
      status: 'delivered',
      attempt: 2,
      finishedAt: expect.any(Date),
      attempts: [
        { number: 1, durationMs: 12, statusCode: 500, error: null, response: 'no' },
        { number: 2, statusCode: 200 },
      ],
    });
    expect(await claim()).toEqual([]);
  });

  test('follow the schedule, more or less, and are given up after the tenth', async () => {
    await owed(1);
    for (const delay of retryDelays) {
      const delivery = await claimOne();
      expect(await outbox.record(delivery, failed)).toMatchObject({ status: 'pending' });
      const seconds = await secondsToNext(delivery.id);
      expect(seconds).toBeGreaterThan(delay * 0.9 - 1);
      expect(seconds).toBeLessThan(delay * 1.1);
      expect(await claim()).toEqual([]);
      await passTime();
    }
    const last = await claimOne();

    expect(await outbox.record(last, failed)).toEqual({ status: 'failed', disabled: undefined, ended: 0 });

    expect(await read(last.id)).toMatchObject({ status: 'failed', attempt: 10, attempts: { length: 10 } });
    await passTime();
    expect(await claim()).toEqual([]);
  });

  test.each([
    [120, 120],
    [1, 5],
    [1e9, 24 * 3600],
  ])('wait %s seconds when the endpoint asks for it, within reason', async (retryAfterSeconds, expected) => {
    await owed(1);
    const delivery = await claimOne();
    await outbox.record(delivery, { ...failed, retryAfterSeconds });
    const seconds = await secondsToNext(delivery.id);
    expect(seconds).toBeGreaterThan(expected * 0.9 - 1);
    expect(seconds).toBeLessThan(expected * 1.1);
  });

  test('of senders that died are repeated by others, and count for nothing when they come back', async () => {
    await owed(1);
    const first = await claimOne();
    expect(await claim()).toEqual([]);
    await passTime();

    const second = await claimOne();

    expect(second).toMatchObject({ id: first.id, body: first.body });
    expect(await outbox.record(first, delivered)).toBeUndefined();
    expect(await read(first.id)).toMatchObject({ status: 'pending', attempt: 0, attempts: [] });
    expect(await outbox.record(second, delivered)).toMatchObject({ status: 'delivered' });
  });

  test('are made by one sender each, however many there are', async () => {
    for (let endpoint = 0; endpoint < 10; endpoint++) await owed(5);
    const claimed = (await Promise.all(Array.from({ length: 8 }, () => claim(10)))).flat();
    claimed.push(...(await claim()));

    expect(new Set(claimed.map(({ id }) => id)).size).toBe(claimed.length);
    expect(claimed).toHaveLength(50);
  });
});

describe('endpoints are isolated:', () => {
  test('few requests are under way to one, whatever waits for it', async () => {
    const busy = await owed(laneLimit + 5);
    const first = await claim();
    expect(countBy(first)).toEqual({ [busy]: laneLimit });
    const quiet = await owed(2);

    expect(countBy(await claim())).toEqual({ [quiet]: 2 });

    await outbox.record(first[0] as ClaimedDelivery, delivered);
    expect(countBy(await claim())).toEqual({ [busy]: 1 });
  });

  test('a sender with little time serves each before it serves one twice', async () => {
    const busy = await owed(30);
    const others = [await owed(1), await owed(1), await owed(1)];

    const claimed = countBy(await claim(4));

    expect(Object.keys(claimed).sort()).toEqual([busy, ...others].sort());
  });

  test('senders that claim at the same time keep to the limit together', async () => {
    const busy = await owed(laneLimit + 20);
    const claimed = (await Promise.all(Array.from({ length: 6 }, () => claim(10)))).flat();
    claimed.push(...(await claim()));
    expect(countBy(claimed)).toEqual({ [busy]: laneLimit });
  });

  test('endpoints of one server that jobs name are one to it', async () => {
    for (let n = 0; n < laneLimit + 3; n++) await owed(1, await named(`https://one.example/hooks/${n}?token=${n}`));
    const other = await owed(1, await named('https://other.example/hooks/1'));

    const claimed = await claim();

    expect(claimed.filter(({ url: to }) => to.startsWith('https://one.example/'))).toHaveLength(laneLimit);
    expect(countBy(claimed)).toMatchObject({ [other]: 1 });
  });

  test('a registered one that fails gets one request at a time until one succeeds', async () => {
    const { id } = await endpoints.create({ url: url() });
    await owed(2 * laneLimit + 2, await named('https://elsewhere.example/'));
    const toIt = async () => (await claim()).filter(({ endpointId }) => endpointId === id);
    const first = await toIt();
    expect(first).toHaveLength(laneLimit);
    for (const delivery of first) await outbox.record(delivery, failed);

    const [probe, ...more] = await toIt();
    expect(more).toEqual([]);
    await outbox.record(probe as ClaimedDelivery, delivered);

    expect(await toIt()).toHaveLength(laneLimit);
  });
});

describe('an endpoint', () => {
  async function state(id: string): Promise<Record<string, unknown>> {
    const [row] = await jobs.dataSource.query<Record<string, unknown>[]>('select * from webhook_endpoint where id = $1', [id]);
    return row ?? {};
  }

  async function statuses(endpointId: string): Promise<string[]> {
    return (await deliveries.list({ endpointId, limit: 100 })).deliveries.map(({ status }) => status);
  }

  test('that is gone is disabled at once, and what waits for it is given up', async () => {
    const id = await owed(3);
    const [first, ...others] = await claim(2);
    if (!first || others.length !== 1) throw new Error('not claimed');

    expect(await outbox.record(first, gone)).toEqual({ status: 'failed', disabled: 'gone', ended: 2 });

    expect(await state(id)).toMatchObject({ disabled_reason: 'gone' });
    expect(await statuses(id)).toEqual(['failed', 'failed', 'failed']);
    const job = await jobs.intake.create(newJob({ webhookEndpointId: id }));
    await jobs.intake.cancel(job.id);
    expect(await statuses(id)).toHaveLength(3);
    // Was under way.
    expect(await outbox.record(others[0] as ClaimedDelivery, delivered)).toMatchObject({ status: 'delivered' });
  });

  test('that has failed for five days is disabled by the next failure', async () => {
    const id = await owed(2);
    const [first, second] = await claim();
    if (!first || !second) throw new Error('not claimed');
    expect(await outbox.record(first, failed)).toMatchObject({ status: 'pending', disabled: undefined });
    const { failing_since } = await state(id);
    expect(failing_since).not.toBeNull();
    await jobs.dataSource.query(`update webhook_endpoint set failing_since = now() - interval '121 hours' where id = $1`, [id]);

    expect(await outbox.record(second, failed)).toEqual({ status: 'failed', disabled: 'failing', ended: 1 });

    expect(await state(id)).toMatchObject({ disabled_reason: 'failing' });
  });

  test('that answers well in between has not failed', async () => {
    const id = await owed(2);
    const [first, second] = await claim();
    if (!first || !second) throw new Error('not claimed');
    await outbox.record(first, failed);
    await jobs.dataSource.query(`update webhook_endpoint set failing_since = now() - interval '121 hours' where id = $1`, [id]);
    await outbox.record(second, delivered);
    expect(await state(id)).toMatchObject({ failing_since: null });
    await passTime();

    expect(await attempt(failed)).toMatchObject({ status: 'pending', disabled: undefined });
  });

  test('is sent nothing that was written while it was being disabled', async () => {
    const id = await owed(1);
    await jobs.dataSource.query(`update webhook_endpoint set disabled_at = now(), disabled_reason = 'gone' where id = $1`, [id]);

    expect(await outbox.claim(10, 60)).toEqual({ claimed: [], ended: 1 });

    expect(await statuses(id)).toEqual(['failed']);
  });

  test('that jobs name is enabled again by the next that does', async () => {
    const webhook = { url: url(), secret: newWebhookSecret(), events: ['job.canceled', 'job.failed'] as const };
    const id = await owed(1, await endpoints.findOrCreate(webhook));
    await attempt(gone);

    expect(await endpoints.findOrCreate({ ...webhook, events: ['job.failed', 'job.canceled'] })).toBe(id);

    expect(await state(id)).toMatchObject({ disabled_at: null, disabled_reason: null, failing_since: null });
    await owed(1, id);
    expect(await claimOne()).toMatchObject({ endpointId: id });
  });
});

test('endpoints that jobs name are the same when everything about them is', async () => {
  const webhook = { url: url(), secret: newWebhookSecret() };
  const ids = await Promise.all(Array.from({ length: 20 }, () => endpoints.findOrCreate(webhook)));
  expect(new Set(ids).size).toBe(1);
  const others = [
    { ...webhook, secret: newWebhookSecret() },
    { ...webhook, url: url() },
    { ...webhook, events: ['job.failed'] as const },
  ];
  for (const other of others) expect(ids).not.toContain(await endpoints.findOrCreate(other));
});

test('the backlog is what has not ended, and how long a sender could have taken it', async () => {
  expect(await outbox.backlog()).toEqual({ pending: 0, oldestSeconds: 0 });
  await owed(3);
  await jobs.dataSource.query(`update webhook_delivery set next_at = now() - interval '10 minutes'`);
  const { pending, oldestSeconds } = await outbox.backlog();
  expect(pending).toBe(3);
  expect(oldestSeconds).toBeGreaterThanOrEqual(600);
  expect(oldestSeconds).toBeLessThan(630);

  for (const delivery of await claim()) await outbox.record(delivery, failed);

  expect(await outbox.backlog()).toEqual({ pending: 3, oldestSeconds: 0 });

  await owed(laneLimit + 1);
  await jobs.dataSource.query(`update webhook_delivery set next_at = now() - interval '1 minute' where attempt = 0`);
  expect(await claim()).toHaveLength(laneLimit);
  expect(await outbox.backlog()).toEqual({ pending: laneLimit + 4, oldestSeconds: 0 });
});
