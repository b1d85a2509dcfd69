import { getQueueToken } from '@nestjs/bullmq';
import { JobDocument, QUEUE } from '@tintype/jobs';
import { eventually } from '@tintype/testing';
import type { Queue } from 'bullmq';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json, photo, post, thumb } from '../spec/requests.js';
import { UploadDocument } from '../uploads/upload-document.js';

const nowhere = '0198c0de-0000-7000-8000-000000000001';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start({ MAX_WAIT_SECONDS: '1' });
});
afterAll(() => api.close());

async function upload(): Promise<UploadDocument> {
  return UploadDocument.parse(await (await api.fetch('/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' }))).json());
}

async function created(answer: Response): Promise<JobDocument> {
  expect(answer.status).toBe(202);
  return JobDocument.parse(await answer.json());
}

describe('POST /v1/jobs as JSON', () => {
  test('accepts a job of an upload and answers at once', async () => {
    const { id } = await upload();
    const answer = await api.fetch('/v1/jobs', json({ source: { upload_id: id }, outputs: [thumb], metadata: { order: 7 } }));

    const job = await created(answer);
    expect(job).toMatchObject({
      status: 'queued',
      metadata: { order: 7 },
      source: { kind: 'upload', format: 'jpeg', bytes: photo.length },
    });
    expect(job.outputs).toMatchObject([{ name: 'thumb', status: 'queued', url: null }]);
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('etag')).toBe('"1"');
  });

  test('accepts a job of an output of an earlier job', async () => {
    const earlier = await created(await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb] })));
    await api.finish(earlier.id);

    const source = { job_id: earlier.id, output: 'thumb' };
    const job = await created(await api.fetch('/v1/jobs', json({ source, outputs: [thumb] })));

    expect(job.source).toMatchObject({ kind: 'output', format: 'webp' });
  });

  test('accepts the image itself up to 64 KiB, and stores it', async () => {
    const image = Buffer.alloc(64 * 1024);
    photo.copy(image);
    const job = await created(await api.fetch('/v1/jobs', json({ source: inline(image), outputs: [thumb] })));

    expect(job.source).toMatchObject({ kind: 'file', format: 'jpeg', bytes: 64 * 1024 });
    const claimed = await api.claim(job.id);
    expect(await api.storage.stat(claimed.job.inputs[0]?.storageKey ?? '')).toEqual({ bytes: 64 * 1024 });
  });

  test('refuses an inline image that is larger', async () => {
    const answer = await api.fetch('/v1/jobs', json({ source: inline(Buffer.alloc(64 * 1024 + 3)), outputs: [thumb] }));
    expect(await expectProblem(answer, 422, 'validation_failed')).toMatchObject({ errors: [{ pointer: '/source/data' }] });
  });

  test('refuses an inline file that is no image', async () => {
    const answer = await api.fetch('/v1/jobs', json({ source: inline(Buffer.from('hello')), outputs: [thumb] }));
    await expectProblem(answer, 415, 'unsupported_media_type');
  });

  test('stores the whole pipeline of a preset, and the id and trace of the request', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const body = { source: inline(), outputs: [{ name: 'small', preset: 'thumbnail@1' }] };
    const answer = await api.fetch('/v1/jobs', json(body, { 'X-Request-Id': 'mine-7', traceparent: trace }));

    const { job } = await api.claim((await created(answer)).id);
    expect(job).toMatchObject({ requestId: 'mine-7', trace });
    expect(job.outputs[0]?.spec).toMatchObject({ name: 'small', operations: [{ operation: expect.any(String) }] });
    expect(job.outputs[0]?.spec).not.toHaveProperty('preset');
  });

  test('stores how urgent it is, normal where nothing is said', async () => {
    for (const [priority, expected] of [
      [undefined, 'normal'],
      ['interactive', 'interactive'],
      ['bulk', 'bulk'],
    ]) {
      const job = await created(await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], priority })));
      expect(job.priority).toBe(expected);
    }
  });

  test('ignores a malformed traceparent', async () => {
    const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb] }, { traceparent: 'x' }));
    expect((await api.claim((await created(answer)).id)).job.trace).toBeNull();
  });

  test('names all faults at once, with pointers into the document', async () => {
    const outputs = [
      { name: 'a b', operations: [] },
      {
        name: 'b',
        operations: [{ operation: 'grayscale' }, { operation: 'resize', width: 0, heigth: 5 }],
        format: 'webp',
        quality: 101,
      },
      { name: 'c', operations: [{ operation: 'explode' }] },
    ];
    const answer = await api.fetch('/v1/jobs', json({ source: { upload_id: 'x' }, outputs, extra: 1 }));

    const { errors = [] } = await expectProblem(answer, 422, 'validation_failed');
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/extra',
      '/outputs/0/name',
      '/outputs/1/operations/1/heigth',
      '/outputs/1/operations/1/width',
      '/outputs/1/quality',
      '/outputs/2/operations/0/operation',
      '/source/upload_id',
    ]);
  });

  test.each([
    ['no outputs', { outputs: [] }, '/outputs'],
    ['21 outputs', { outputs: Array.from({ length: 21 }, (_, index) => ({ ...thumb, name: `n${index}` })) }, '/outputs'],
    ['two outputs of one name', { outputs: [thumb, thumb] }, '/outputs/1/name'],
    [
      '21 operations',
      { outputs: [{ name: 'a', operations: Array.from({ length: 21 }, () => ({ operation: 'flip' })) }] },
      '/outputs/0/operations',
    ],
    ['nested metadata', { metadata: { a: { b: 1 } } }, '/metadata/a'],
    ['too much metadata', { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, key) => [key, 1])) }, '/metadata'],
    ['a priority that is not known', { priority: 'now' }, '/priority'],
    ['no source', { source: undefined }, '/source'],
    ['a source of two kinds', { source: { upload_id: nowhere, job_id: nowhere } }, '/source/'],
  ])('refuses %s', async (_, change, pointer) => {
    const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], ...change }));
    const { errors } = await expectProblem(answer, 422, 'validation_failed');
    expect(errors?.[0]?.pointer).toContain(pointer);
  });

  test('refuses keys that reach for prototypes', async () => {
    const body = `{"__proto__":{"admin":true},"source":{"upload_id":"${nowhere}"},"outputs":[{"name":"a"}],"constructor":1}`;
    const answer = await api.fetch('/v1/jobs', post(body, { 'Content-Type': 'application/json' }));
    await expectProblem(answer, 422, 'validation_failed');
    expect({}).not.toHaveProperty('admin');
  });

  test.each(['{', '[1', '{"a":1}}'])('refuses the body %j as no JSON document', async (body) => {
    const answer = await api.fetch('/v1/jobs', post(body, { 'Content-Type': 'application/json' }));
    await expectProblem(answer, 400, 'malformed_json');
  });

  test('refuses a JSON body of more than 128 KiB, declared or not', async () => {
    const body = JSON.stringify({ padding: 'x'.repeat(130 * 1024) });
    const declared = await api.fetch('/v1/jobs', post(body, { 'Content-Type': 'application/json' }));
    await expectProblem(declared, 413, 'payload_too_large');

    const chunks = new Blob([body]).stream();
    const undeclared = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: chunks,
      duplex: 'half',
    } as RequestInit;
    await expectProblem(await api.fetch('/v1/jobs', undeclared), 413, 'payload_too_large');
  });

  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'image/jpeg'])(
    'refuses a body of %s',
    async (type) => {
      await expectProblem(await api.fetch('/v1/jobs', post('{}', { 'Content-Type': type })), 415, 'unsupported_media_type');
    },
  );

  test('refuses compressed JSON and other character sets', async () => {
    const gzip = await api.fetch('/v1/jobs', post('{}', { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }));
    await expectProblem(gzip, 415, 'unsupported_media_type');
    const latin = await api.fetch('/v1/jobs', post('{}', { 'Content-Type': 'application/json; charset=latin1' }));
    await expectProblem(latin, 415, 'unsupported_media_type');
  });

  test('refuses a preset that does not exist', async () => {
    const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb, { name: 'b', preset: 'nosuch@1' }] }));
    expect(await expectProblem(answer, 422, 'preset_not_found')).toMatchObject({ errors: [{ pointer: '/outputs/1/preset' }] });
  });

  test('refuses references that lead nowhere, and names the places', async () => {
    const watermark = { operation: 'composite', image: { upload_id: nowhere } };
    const body = { source: { job_id: nowhere, output: 'x' }, outputs: [thumb, { name: 'b', operations: [watermark] }] };
    const problem = await expectProblem(await api.fetch('/v1/jobs', json(body)), 422, 'reference_not_found');
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/source', '/outputs/1/operations/0/image']);
  });

  test('what is refused leaves no row and no file', async () => {
    const [rows, files] = [await api.rows('job'), await api.storedKeys()];
    const watermark = { operation: 'composite', image: { upload_id: nowhere } };
    await api.fetch('/v1/jobs', json({ source: inline(), outputs: [{ name: 'b', operations: [watermark] }] }));
    expect(await api.rows('job')).toBe(rows);
    expect(await api.storedKeys()).toEqual(files);
  });
});

describe('Prefer: wait', () => {
  test('answers 200 when the job ends in time', async () => {
    const waiting = api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb] }, { Prefer: 'respond-async, wait=30' }));
    const id = await eventually(async () => (await newest()).find(({ status }) => status === 'queued')?.id);
    await api.finish(id);

    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('preference-applied')).toBe('wait=1');
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${id}`);
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(JobDocument.parse(await answer.json())).toMatchObject({
      id,
      status: 'completed',
      outputs: [{ status: 'completed', width: 20 }],
    });
  });

  test('answers 202 when the time is up, which the server caps', async () => {
    const started = performance.now();
    const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb] }, { Prefer: 'wait=100' }));
    expect(answer.status).toBe(202);
    expect(answer.headers.get('preference-applied')).toBeNull();
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  async function newest(): Promise<JobDocument[]> {
    const { data } = (await (await api.fetch('/v1/jobs?limit=1')).json()) as { data: JobDocument[] };
    return data;
  }
});

describe('the wake', () => {
  test('reaches the queue once for many jobs, and says nothing of them', async () => {
    const bodies = Array.from({ length: 5 }, () => json({ source: inline(), outputs: [thumb] }));
    await Promise.all(bodies.map(async (body) => created(await api.fetch('/v1/jobs', body))));
    const queue = api.app.get<Queue>(getQueueToken(QUEUE));

    const message = await eventually(() => queue.getJob('wake'));
    expect(message.data).toEqual({});
    expect(await queue.getWaitingCount()).toBe(1);
  });

  test('is not needed: without a queue, jobs are accepted all the same', async () => {
    const alone = await ApiUnderTest.start({ REDIS_URL: 'redis://127.0.0.1:1' });
    try {
      for (const _ of [1, 2]) {
        expect((await alone.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb] }))).status).toBe(202);
      }
      await eventually(() => alone.log.some(({ msg }) => String(msg).startsWith('queue not reachable')));
      expect(await alone.dataSource.query('select status from job')).toEqual([{ status: 'queued' }, { status: 'queued' }]);
    } finally {
      await alone.close();
    }
  });
});
