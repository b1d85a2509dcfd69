import { BatchDocument, JobDocument } from '@tintype/jobs';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json, photo, post, thumb } from '../spec/requests.js';
import { JobList } from '../jobs/job-requests.js';
import { BatchList, BatchRetry } from './batch-requests.js';

const nowhere = '0198c0de-0000-7000-8000-000000000001';

const privateWebhook = { url: 'http://10.0.0.1/', secret: `whsec_${'A'.repeat(32)}` };

let api: ApiUnderTest;
let source: { upload_id: string };
beforeAll(async () => {
  api = await ApiUnderTest.start();
  const upload = (await (await api.fetch('/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' }))).json()) as { id: string };
  source = { upload_id: upload.id };
});
afterAll(() => api.close());

function send(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return api.fetch('/v1/batches', json(body, headers));
}

async function create(jobs: number, change: object = {}): Promise<BatchDocument> {
  const answer = await send({
    defaults: { outputs: [thumb] },
    jobs: Array.from({ length: jobs }, () => ({ source })),
    ...change,
  });
  expect(answer.status).toBe(202);
  return BatchDocument.parse(await answer.json());
}

async function read({ links }: BatchDocument): Promise<BatchDocument> {
  const answer = await api.fetch(links.self);
  expect(answer.status).toBe(200);
  const batch = BatchDocument.parse(await answer.json());
  expect(answer.headers.get('retry-after')).toBe(batch.status === 'running' ? '1' : null);
  return batch;
}

/** In the order of the request. */
async function jobsOf({ links }: BatchDocument): Promise<JobDocument[]> {
  return JobList.parse(await (await api.fetch(`${links.jobs}&limit=200`)).json()).data.toReversed();
}

async function fail(id: string): Promise<void> {
  await api.finish(id, { outcomes: [{ name: 'thumb', status: 'failed', code: 'invalid_operation' }] });
}

describe('POST /v1/batches', () => {
  test('accepts jobs with what they share', async () => {
    const defaults = { outputs: [{ name: 'small', preset: 'thumbnail@1' }], metadata: { a: 1 }, priority: 'bulk' };
    const own = { outputs: [thumb], metadata: { b: 2 }, priority: 'interactive' };
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const body = { defaults, jobs: [{ source }, { source, ...own }], metadata: { campaign: 'autumn' } };
    const answer = await send(body, { 'X-Request-Id': 'mine-8', traceparent: trace });

    expect(answer.status).toBe(202);
    const batch = BatchDocument.parse(await answer.json());
    expect(answer.headers.get('location')).toBe(`/v1/batches/${batch.id}`);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(batch).toMatchObject({ status: 'running', counts: { total: 2, queued: 2 }, metadata: { campaign: 'autumn' } });
    expect(await read(batch)).toEqual(batch);
    const [first, second] = await jobsOf(batch);
    expect(first).toMatchObject({ batch_id: batch.id, priority: 'bulk', metadata: { a: 1 }, outputs: [{ name: 'small' }] });
    expect(second).toMatchObject({
      batch_id: batch.id,
      priority: 'interactive',
      metadata: { b: 2 },
      outputs: [{ name: 'thumb' }],
    });
    const { job } = await api.claim(first?.id ?? '');
    expect(job).toMatchObject({ requestId: 'mine-8', trace });
    expect(job.outputs[0]?.spec).toMatchObject({ operations: [{ operation: 'resize' }] });
  });

  test('has the endpoints of its webhooks told of its end, and of the ends of its jobs', async () => {
    const secret = `whsec_${'A'.repeat(32)}`;
    const webhook = { url: 'https://example.com/batches', secret };
    const defaults = { outputs: [thumb], webhook: { url: 'https://example.com/jobs', secret, events: ['job.completed'] } };
    const batch = await create(2, { defaults, webhook });
    for (const { id } of await jobsOf(batch)) await api.finish(id);

    const told = await api.dataSource.query(
      `select type, url, count(*)::integer from webhook_delivery join webhook_endpoint on webhook_endpoint.id = endpoint_id
      where batch_id = $1 or job_id in (select id from job where batch_id = $1) group by type, url order by type`,
      [batch.id],
    );
    expect(told).toEqual([
      { type: 'batch.completed', url: 'https://example.com/batches', count: 1 },
      { type: 'job.completed', url: 'https://example.com/jobs', count: 2 },
    ]);
  });

  test('accepts a thousand jobs of up to two megabytes', async () => {
    const padding = 'x'.repeat(900);
    const batch = await create(0, {
      jobs: Array.from({ length: 1000 }, () => ({ source, metadata: { padding, more: padding } })),
    });
    expect(batch.counts).toMatchObject({ total: 1000, queued: 1000 });
    expect((await api.fetch(`/v1/batches/${batch.id}/cancel`, { method: 'POST' })).status).toBe(200);
  }, 20_000);

  test.each([
    ['no jobs', { jobs: [] }, '/jobs'],
    ['1001 jobs', { jobs: Array.from({ length: 1001 }, () => ({ source: { upload_id: nowhere } })) }, '/jobs'],
    ['a job without a source', { jobs: [{}] }, '/jobs/0/source'],
    ['an image within the document', { jobs: [{ source: inline() }] }, '/jobs/0/source/data'],
    [
      'a job without outputs of its own or of the defaults',
      { defaults: {}, jobs: [{ source: { upload_id: nowhere } }] },
      '/jobs/0/outputs',
    ],
    [
      'a bad output',
      { jobs: [{ source: { upload_id: nowhere }, outputs: [{ name: 'a', quality: 101 }] }] },
      '/jobs/0/outputs/0/quality',
    ],
    ['a bad default', { defaults: { outputs: [] } }, '/defaults/outputs'],
    ['a priority that is not known', { defaults: { outputs: [thumb], priority: 'now' } }, '/defaults/priority'],
    ['a webhook without a secret', { webhook: { url: 'https://example.com/' } }, '/webhook/secret'],
    ['a webhook at a private address', { webhook: privateWebhook }, '/webhook/url'],
    [
      'a default webhook at a private address',
      { defaults: { outputs: [thumb], webhook: privateWebhook } },
      '/defaults/webhook/url',
    ],
    ['a property that is not known', { extra: 1 }, '/extra'],
  ])('refuses %s', async (_, change, pointer) => {
    const rows = await api.rows('job');
    const answer = await send({ defaults: { outputs: [thumb] }, jobs: [{ source }], ...change });
    const { errors = [] } = await expectProblem(answer, 422, 'validation_failed');
    expect(errors.map((error) => error.pointer)).toContain(pointer);
    expect(await api.rows('job')).toBe(rows);
  });

  test('refuses all jobs when an image of one is not there, and names the place', async () => {
    const rows = await api.rows('job');
    const watermark = { operation: 'composite', image: { upload_id: nowhere } };
    const jobs = Array.from({ length: 20 }, (_, index) => ({ source: index === 17 ? { upload_id: nowhere } : source }));
    const answer = await send({ defaults: { outputs: [{ name: 'a', operations: [watermark] }] }, jobs });

    const { errors = [] } = await expectProblem(answer, 422, 'reference_not_found');
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/defaults/outputs/0/operations/0/image', '/jobs/17/source']);
    expect(await api.rows('job')).toBe(rows);
  });

  test('refuses presets that are not there, and names the place', async () => {
    const missing = [thumb, { name: 'b', preset: 'no' }];
    for (const [body, pointer] of [
      [
        {
          jobs: [
            { source, outputs: [thumb] },
            { source, outputs: missing },
          ],
        },
        '/jobs/1/outputs/1/preset',
      ],
      [{ defaults: { outputs: missing }, jobs: [{ source }] }, '/defaults/outputs/1/preset'],
    ] as const) {
      expect(await expectProblem(await send(body), 422, 'preset_not_found')).toMatchObject({ errors: [{ pointer }] });
    }
  });

  test('refuses bodies of other types, of no JSON and of more than two mebibytes', async () => {
    await expectProblem(await api.fetch('/v1/batches', post('x', { 'Content-Type': 'text/csv' })), 415, 'unsupported_media_type');
    await expectProblem(await api.fetch('/v1/batches', post('{', { 'Content-Type': 'application/json' })), 400, 'malformed_json');
    await expectProblem(await send({ padding: 'x'.repeat(2 * 1024 * 1024) }), 413, 'payload_too_large');
  });

  test('makes no second batch of a request that is sent again with its key', async () => {
    const body = { defaults: { outputs: [thumb] }, jobs: [{ source }] };
    const key = { 'Idempotency-Key': '"batch-1"' };
    const first = BatchDocument.parse(await (await send(body, key)).json());
    const rows = await api.rows('job');

    const again = await send(body, key);
    expect({ status: again.status, replayed: again.headers.get('idempotent-replayed') }).toEqual({
      status: 202,
      replayed: 'true',
    });
    expect(BatchDocument.parse(await again.json())).toEqual(first);
    await expectProblem(await send({ ...body, metadata: { a: 1 } }, key), 422, 'idempotency_key_reused');
    expect(await api.rows('job')).toBe(rows);
    // Jobs have keys of their own.
    expect((await api.fetch('/v1/jobs', json({ source, outputs: [thumb] }, key))).status).toBe(202);
  });

  test('of fifty equal requests at the same time makes one batch', async () => {
    const body = { defaults: { outputs: [thumb] }, jobs: [{ source }], metadata: { race: true } };
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(body, { 'Idempotency-Key': '"batch-race"' })));

    const refused = answers.filter(({ status }) => status !== 202);
    await Promise.all(refused.map((answer) => expectProblem(answer, 409, 'idempotency_in_progress')));
    const made = await api.dataSource.query<unknown[]>(`select from batch where metadata = '{"race": true}'`);
    expect(made).toHaveLength(1);
  });
});

test('GET /v1/batches/{id} counts the jobs until all have ended', async () => {
  const batch = await create(3);
  const [first, second, third] = await jobsOf(batch);
  await api.finish(first?.id ?? '');
  await fail(second?.id ?? '');
  expect(await read(batch)).toMatchObject({
    status: 'running',
    counts: { total: 3, queued: 1, completed: 1, failed: 1 },
    finished_at: null,
  });

  await api.fetch(`/v1/jobs/${third?.id}`, { method: 'DELETE' });
  const counts = { total: 3, queued: 0, running: 0, completed: 1, failed: 1, canceled: 0, deleted: 1 };
  expect(await read(batch)).toMatchObject({ status: 'finished', counts, finished_at: expect.any(String) });

  await expectProblem(await api.fetch(`/v1/batches/${nowhere}`), 404, 'not_found');
  await expectProblem(await api.fetch('/v1/batches/1'), 404, 'not_found');
});

describe('GET /v1/batches', () => {
  test('pages through all batches, newest first', async () => {
    const created: string[] = [];
    for (let count = 0; count < 3; count++) created.unshift((await create(1)).id);

    const seen: string[] = [];
    let next: string | undefined = '/v1/batches?limit=2';
    while (next) {
      const answer: Response = await api.fetch(next);
      const page = BatchList.parse(await answer.json());
      seen.push(...page.data.map(({ id }) => id));
      next = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
      expect({ more: page.has_more, cursor: page.next_cursor !== null }).toEqual({
        more: next !== undefined,
        cursor: next !== undefined,
      });
    }

    expect(seen.slice(0, 3)).toEqual(created);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test.each(['limit=0', 'limit=201', 'cursor=x', 'status=running'])('refuses ?%s', async (query) => {
    const { errors } = await expectProblem(await api.fetch(`/v1/batches?${query}`), 422, 'validation_failed');
    expect(errors?.[0]?.pointer).toBe(`/${query.split('=')[0]}`);
  });
});

describe('POST /v1/batches/{id}/cancel', () => {
  const cancel = (id: string) => api.fetch(`/v1/batches/${id}/cancel`, { method: 'POST' });

  test('cancels what is queued at once, and asks the workers of what is running', async () => {
    const batch = await create(2);
    const [first] = await jobsOf(batch);
    const { token } = await api.claim(first?.id ?? '');

    const answer = await cancel(batch.id);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(BatchDocument.parse(await answer.json())).toMatchObject({ status: 'running', counts: { running: 1, canceled: 1 } });
    expect(await api.leases.extend(first?.id ?? '', token, 30, { stage: 'process', outputsDone: 0 })).toBe('cancel');
  });

  test('answers 200 when nothing is left to do, and refuses a batch that has finished, or is none', async () => {
    const batch = await create(2);
    const answer = await cancel(batch.id);
    expect(answer.status).toBe(200);
    expect(BatchDocument.parse(await answer.json())).toMatchObject({ status: 'finished', counts: { canceled: 2 } });

    await expectProblem(await cancel(batch.id), 409, 'batch_finished');
    await expectProblem(await cancel(nowhere), 404, 'not_found');
  });
});

describe('POST /v1/batches/{id}/retry', () => {
  const retry = (id: string) => api.fetch(`/v1/batches/${id}/retry`, { method: 'POST' });

  test('tries the failed jobs again and deletes the files that they had', async () => {
    const batch = await create(3, { defaults: { outputs: [thumb, { ...thumb, name: 'good' }] } });
    const [first, second, third] = await jobsOf(batch);
    const files = await api.storedKeys();
    await fail(first?.id ?? '');
    await fail(second?.id ?? '');
    await api.finish(third?.id ?? '');
    expect(await api.storedKeys()).toHaveLength(files.length + 4);

    const answer = await retry(batch.id);
    expect(answer.status).toBe(202);
    expect(BatchRetry.parse(await answer.json())).toMatchObject({
      retried: 2,
      batch: { id: batch.id, status: 'running', counts: { queued: 2, completed: 1 } },
    });
    expect(await api.storedKeys()).toHaveLength(files.length + 2);
    await api.finish(first?.id ?? '');
    await api.finish(second?.id ?? '');
    expect(await read(batch)).toMatchObject({ status: 'finished', counts: { completed: 3 } });
  });

  test('is refused where none has failed, and for no batch', async () => {
    await expectProblem(await retry((await create(1)).id), 409, 'job_not_failed');
    await expectProblem(await retry(nowhere), 404, 'not_found');
  });
});
