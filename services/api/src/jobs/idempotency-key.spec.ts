/** Requests that are sent again with their `Idempotency-Key`. */
import { IdempotencyKeys, JobDocument, JobIntake } from '@tintype/jobs';
import { eventually, samples } from '@tintype/testing';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { json as readBody } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { form, inline, json, photo, post, thumb } from '../spec/requests.js';

const job = { source: inline(), outputs: [thumb], metadata: { order: 7, first: true } };

let api: ApiUnderTest;
let count = 0;
let key: string;
let rows: number;
let files: number;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());
beforeEach(async () => {
  count += 1;
  key = `"key-${count}"`;
  rows = await api.rows('job');
  files = (await api.storedKeys()).length;
});
afterEach(() => jest.restoreAllMocks());

function send(body: unknown = job, headers: Record<string, string> = {}): Promise<Response> {
  return api.fetch('/v1/jobs', json(body, { 'Idempotency-Key': key, ...headers }));
}

function sendForm(file = photo, wanted: object = { outputs: [thumb] }): Promise<Response> {
  return api.fetch('/v1/jobs', post(form(['job', JSON.stringify(wanted)], ['file', file]), { 'Idempotency-Key': key }));
}

async function idOf(answer: Response, { replayed }: { replayed: boolean }): Promise<string> {
  expect({ status: answer.status, replayed: answer.headers.get('idempotent-replayed') }).toEqual({
    status: 202,
    replayed: replayed ? 'true' : null,
  });
  const { id } = JobDocument.parse(await answer.json());
  expect(answer.headers.get('location')).toBe(`/v1/jobs/${id}`);
  return id;
}

/** There is one job more than before, and its file. */
async function expectOneJob(): Promise<void> {
  expect(await api.rows('job')).toBe(rows + 1);
  expect(await api.storedKeys()).toHaveLength(files + 1);
}

/** A form whose file has not arrived yet. */
function beginForm(headers: Record<string, string> = {}): ClientRequest {
  const type = 'multipart/form-data; boundary=b';
  const request = httpRequest(`${api.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': type, 'Idempotency-Key': key, ...headers },
  });
  request.on('error', () => undefined);
  request.write(`--b\r\nContent-Disposition: form-data; name="job"\r\n\r\n${JSON.stringify({ outputs: [thumb] })}\r\n`);
  request.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n');
  request.write(photo);
  return request;
}

async function answerTo(request: ClientRequest): Promise<{ status: number | undefined; body: unknown }> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await readBody(response) };
}

async function keyIsHeld(): Promise<boolean> {
  const held = await api.dataSource.query<unknown[]>('select from idempotency_key where key = $1', [key.slice(1, -1)]);
  return held.length > 0;
}

test('a document that is sent again makes no second job, in whichever order its properties come', async () => {
  const id = await idOf(await send(), { replayed: false });

  expect(await idOf(await send(), { replayed: true })).toBe(id);
  const reordered = { metadata: { first: true, order: 7 }, outputs: [thumb], source: job.source };
  expect(await idOf(await send(reordered, { 'Idempotency-Key': key.slice(1, -1) }), { replayed: true })).toBe(id);
  await expectOneJob();
});

test('a form that is sent again makes no second job, and its file is not kept', async () => {
  const id = await idOf(await sendForm(), { replayed: false });

  expect(await idOf(await sendForm(), { replayed: true })).toBe(id);
  await expectOneJob();
  expect(await storedSource(id)).toEqual({ bytes: photo.length });
});

test('a short form that is sent again makes no second job', async () => {
  const short = () => post(form(['action', 'grayscale'], ['file', photo]), { 'Idempotency-Key': key });
  const id = await idOf(await api.fetch('/v1/jobs', short()), { replayed: false });

  expect(await idOf(await api.fetch('/v1/jobs', short()), { replayed: true })).toBe(id);
  await expectOneJob();
});

test('the answer is the job as it is now, and waits for it where the client prefers so', async () => {
  const id = await idOf(await send(), { replayed: false });
  const waiting = send(job, { Prefer: 'wait=30' });
  await api.finish(id);

  for (const [answer, status] of [
    [await waiting, 200],
    [await send(), 202],
  ] as const) {
    expect({ status: answer.status, replayed: answer.headers.get('idempotent-replayed') }).toEqual({ status, replayed: 'true' });
    expect(JobDocument.parse(await answer.json())).toMatchObject({ id, status: 'completed' });
  }
});

test.each([
  ['another document', () => send(), () => send({ ...job, metadata: { order: 8 } })],
  ['another file', () => sendForm(), () => sendForm(photo.subarray(0, photo.length - 2))],
  ['another job of the same file', () => sendForm(), () => sendForm(photo, { outputs: [{ ...thumb, quality: 50 }] })],
  ['a form instead of a document', () => send(), () => sendForm()],
])('%s with the same key is refused, and leaves nothing', async (_, first, second) => {
  await idOf(await first(), { replayed: false });

  await expectProblem(await second(), 422, 'idempotency_key_reused');
  await expectOneJob();
});

test('a request that is sent while the first is being answered is refused before it has sent its body', async () => {
  const first = beginForm();
  await eventually(keyIsHeld);

  const answer = await send();
  await expectProblem(answer, 409, 'idempotency_in_progress');
  expect(answer.headers.get('retry-after')).toBe('1');

  const patient = beginForm({ Expect: '100-continue' });
  const continued = jest.fn();
  patient.on('continue', continued);
  expect(await answerTo(patient)).toMatchObject({ status: 409 });
  expect(await (await api.fetch('/metrics')).text()).toMatch(/^idempotent_requests_total{outcome="in_progress"} 2$/m);
  expect(continued).not.toHaveBeenCalled();
  patient.destroy();

  first.end('\r\n--b--\r\n');
  expect(await answerTo(first)).toMatchObject({ status: 202 });
  await expectOneJob();
});

test.each([
  ['is not valid', () => send({ ...job, outputs: [] }), 422],
  ['names a preset that is not there', () => send({ ...job, outputs: [{ name: 'a', preset: 'no' }] }), 422],
  [
    'names an image that is not there',
    () => send({ ...job, source: { upload_id: '0198c0de-0000-7000-8000-000000000001' } }),
    422,
  ],
  ['brings a file that is no image', () => sendForm(samples.text()), 415],
  ['brings a bad job', () => sendForm(photo, { outputs: [] }), 422],
])('a request that %s frees its key', async (_, refused, status) => {
  expect((await refused()).status).toBe(status);

  await idOf(await send(), { replayed: false });
  await expectOneJob();
});

test('a request whose client breaks it off frees its key', async () => {
  const broken = beginForm();
  await eventually(keyIsHeld);
  broken.destroy();

  const answer = await eventually(async () => {
    const again = await sendForm();
    return again.status === 409 ? undefined : again;
  });
  await idOf(answer, { replayed: false });
  await expectOneJob();
});

test('a request that fails on our side frees its key', async () => {
  jest.spyOn(api.storage, 'put').mockRejectedValueOnce(new Error('disk on fire'));
  await expectProblem(await sendForm(), 500, 'internal');

  await idOf(await sendForm(), { replayed: false });
  await expectOneJob();
});

test('the key of a process that died is free when its time is up', async () => {
  await new IdempotencyKeys(api.dataSource).begin('jobs', key.slice(1, -1), 1);
  await expectProblem(await send(), 409, 'idempotency_in_progress');

  const answer = await eventually(async () => {
    const again = await send();
    return again.status === 409 ? undefined : again;
  });
  await idOf(answer, { replayed: false });
  await expectOneJob();
});

test('a job whose answer never arrived is found again', async () => {
  const client = new AbortController();
  const lost = api.fetch('/v1/jobs', {
    ...json(job, { 'Idempotency-Key': key, Prefer: 'wait=30' }),
    signal: client.signal,
  });
  await eventually(async () => (await api.rows('job')) === rows + 1);
  client.abort();
  await expect(lost).rejects.toThrow(/abort/);

  await idOf(await send(), { replayed: true });
  await expectOneJob();
});

test('a job is found again when the connection to the database broke after its commit', async () => {
  const intake = api.app.get(JobIntake);
  const create = intake.create.bind(intake);
  jest.spyOn(intake, 'create').mockImplementationOnce(async (wanted) => {
    await create(wanted);
    throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  });
  const upload = (await (await api.fetch('/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' }))).json()) as { id: string };
  const referring = { ...job, source: { upload_id: upload.id } };
  await expectProblem(await send(referring), 503, 'service_unavailable');

  await idOf(await send(referring), { replayed: true });
  await expectOneJob();
});

test('a request that took too long creates nothing when another has its key by then', async () => {
  const slow = beginForm();
  await eventually(keyIsHeld);
  await api.dataSource.query('update idempotency_key set locked_until = now() where key = $1', [key.slice(1, -1)]);
  await idOf(await sendForm(), { replayed: false });

  slow.end('\r\n--b--\r\n');

  expect(await answerTo(slow)).toMatchObject({ status: 409, body: { code: 'idempotency_in_progress' } });
  await expectOneJob();
});

test('a key goes with its job', async () => {
  const id = await idOf(await send(), { replayed: false });
  expect((await api.fetch(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);

  expect(await idOf(await send(), { replayed: false })).not.toBe(id);
});

test.each(['', '"a', 'two words', 'x'.repeat(256)])('the key %j is refused', async (malformed) => {
  await expectProblem(await send(job, { 'Idempotency-Key': malformed }), 400, 'bad_request');
  expect(await api.rows('job')).toBe(rows);
});

test('fifty requests at the same time, each repeated until it is answered, make one job with its file', async () => {
  async function submit(send_: () => Promise<Response>): Promise<string> {
    for (;;) {
      const answer = await send_();
      if (answer.status === 202) return JobDocument.parse(await answer.json()).id;
      await expectProblem(answer, 409, 'idempotency_in_progress');
      await sleep(50);
    }
  }

  const ids = await Promise.all(Array.from({ length: 50 }, () => submit(() => sendForm())));

  expect(new Set(ids).size).toBe(1);
  await expectOneJob();
  expect(await storedSource(ids[0] as string)).toEqual({ bytes: photo.length });
});

/** What the storage has of the file that the job reads. */
async function storedSource(id: string): Promise<unknown> {
  const [input] = await api.dataSource.query<{ storage_key: string }[]>('select storage_key from input where job_id = $1', [id]);
  return api.storage.stat(input?.storage_key ?? '');
}
