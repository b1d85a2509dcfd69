import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json, thumb } from '../spec/requests.js';

const bytes = Buffer.from('0123456789');
const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
const nowhere = '0198c0de-0000-7000-8000-000000000001';

let api: ApiUnderTest;
let url: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  const id = await createJob();
  await api.finish(id, { bytes });
  url = `/v1/jobs/${id}/outputs/thumb`;
});
afterAll(() => api.close());

async function createJob(outputs: object[] = [thumb]): Promise<string> {
  const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs }));
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { id: string }).id;
}

test('downloads the bytes of an image, with all that a client and a cache need to know', async () => {
  const answer = await api.fetch(url);
  expect(answer.status).toBe(200);
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/webp',
    'content-length': '10',
    'content-disposition': 'inline; filename=thumb.webp',
    etag,
    'cache-control': 'private, max-age=31536000, immutable',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
});

test('HEAD answers the same without the bytes', async () => {
  const answer = await api.fetch(url, { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-length')).toBe('10');
  expect(answer.headers.get('etag')).toBe(etag);
  expect(await answer.text()).toBe('');
});

test('download=1 has it saved under its name', async () => {
  const answer = await api.fetch(`${url}?download=1`);
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename=thumb.webp');
  await expectProblem(await api.fetch(`${url}?download=yes`), 422, 'validation_failed');
});

test('answers 304 to who has it', async () => {
  const answer = await api.fetch(url, { headers: { 'If-None-Match': `"x", W/${etag}`, Range: 'bytes=0-1' } });
  expect(answer.status).toBe(304);
  expect(answer.headers.get('etag')).toBe(etag);
  expect((await api.fetch(url, { headers: { 'If-None-Match': '"x"' } })).status).toBe(200);
});

test.each([
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=-2', '89', 'bytes 8-9/10'],
  ['bytes=0-100', '0123456789', 'bytes 0-9/10'],
])('Range: %s is answered with that part', async (range, part, contentRange) => {
  const answer = await api.fetch(url, { headers: { Range: range, 'If-Range': etag } });
  expect(answer.status).toBe(206);
  expect(await answer.text()).toBe(part);
  expect(answer.headers.get('content-range')).toBe(contentRange);
  expect(answer.headers.get('content-length')).toBe(String(part.length));
});

test.each([
  ['several ranges', { Range: 'bytes=0-1,4-5' }],
  ['another unit', { Range: 'lines=0-1' }],
  ['a range of another version', { Range: 'bytes=0-1', 'If-Range': '"x"' }],
])('%s are answered with the whole', async (_, headers) => {
  const answer = await api.fetch(url, { headers: headers as Record<string, string> });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(String(bytes));
});

test('a range outside is refused, in a problem that nobody may cache', async () => {
  const answer = await api.fetch(url, { headers: { Range: 'bytes=10-' } });
  await expectProblem(answer, 416, 'range_not_satisfiable');
  expect(answer.headers.get('content-range')).toBe('bytes */10');
  expect(answer.headers.get('cache-control')).toBeNull();
  expect(answer.headers.get('etag')).toBeNull();
});

test('the value of an analysis is JSON, and has ranges and a tag, too', async () => {
  const value = { colour: '#c0ffee' };
  const id = await createJob([{ name: 'colour', analysis: 'dominantColour' }]);
  await api.finish(id, { outcomes: [{ name: 'colour', status: 'completed', value }] });

  const answer = await api.fetch(`/v1/jobs/${id}/outputs/colour`);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('content-disposition')).toBe('inline; filename=colour.json');
  expect(await answer.json()).toEqual(value);
  const again = await api.fetch(`/v1/jobs/${id}/outputs/colour`, {
    headers: { 'If-None-Match': answer.headers.get('etag') ?? '' },
  });
  expect(again.status).toBe(304);
  const part = await api.fetch(`/v1/jobs/${id}/outputs/colour`, { headers: { Range: 'bytes=0-2' } });
  expect([part.status, await part.text()]).toEqual([206, '{"c']);
});

test('an output is not ready while its job is queued or running', async () => {
  const id = await createJob();
  const queued = await api.fetch(`/v1/jobs/${id}/outputs/thumb`);
  await expectProblem(queued, 409, 'output_not_ready');
  expect(queued.headers.get('retry-after')).toBe('1');
  await api.claim(id);
  await expectProblem(await api.fetch(`/v1/jobs/${id}/outputs/thumb`), 409, 'output_not_ready');
});

test('a failed output says why, and one of the same job that completed is there', async () => {
  const id = await createJob([thumb, { name: 'cropped' }]);
  await api.finish(id, {
    bytes,
    outcomes: [{ name: 'cropped', status: 'failed', code: 'invalid_operation', detail: 'It lies outside.' }],
  });

  const problem = await expectProblem(await api.fetch(`/v1/jobs/${id}/outputs/cropped`), 409, 'output_failed');
  expect(problem).toMatchObject({
    detail: 'It lies outside.',
    errors: [{ code: 'invalid_operation', detail: 'It lies outside.' }],
  });
  expect((await api.fetch(`/v1/jobs/${id}/outputs/thumb`)).status).toBe(200);
});

test('an output of a canceled job, or of one that failed as a whole, is not to be had', async () => {
  const canceled = await createJob();
  await api.fetch(`/v1/jobs/${canceled}/cancel`, { method: 'POST' });
  await expectProblem(await api.fetch(`/v1/jobs/${canceled}/outputs/thumb`), 409, 'output_failed');

  const failed = await createJob();
  const { token } = await api.claim(failed);
  await api.leases.fail(failed, token, { code: 'corrupt_image' });
  await expectProblem(await api.fetch(`/v1/jobs/${failed}/outputs/thumb`), 409, 'output_failed');
});

test('outputs whose files were deleted because of their age answer 410, those that failed as before', async () => {
  const colour = { name: 'colour', analysis: 'dominantColour' };
  const id = await createJob([thumb, colour, { name: 'cropped' }]);
  await api.finish(id, {
    bytes,
    outcomes: [
      { name: 'colour', status: 'completed', value: { colour: '#c0ffee' } },
      { name: 'cropped', status: 'failed', code: 'invalid_operation' },
    ],
  });
  await api.dataSource.query('update job set results_expired_at = now() where id = $1', [id]);

  for (const name of ['thumb', 'colour']) {
    const answer = await api.fetch(`/v1/jobs/${id}/outputs/${name}`, { headers: { 'If-None-Match': etag } });
    await expectProblem(answer, 410, 'results_expired');
  }
  await expectProblem(await api.fetch(`/v1/jobs/${id}/outputs/cropped`), 409, 'output_failed');
  const job = (await (await api.fetch(`/v1/jobs/${id}`)).json()) as { outputs: object[] };
  expect(job).toMatchObject({ status: 'failed', results_expired_at: expect.any(String) });
  expect(job.outputs).toMatchObject([
    { status: 'completed', url: null },
    { url: null, value: { colour: '#c0ffee' } },
    { url: null },
  ]);
});

test('there are no other outputs and jobs', async () => {
  await expectProblem(await api.fetch(url.replace(/thumb$/, 'other')), 404, 'not_found');
  await expectProblem(await api.fetch(`/v1/jobs/${nowhere}/outputs/thumb`), 404, 'not_found');
  await expectProblem(await api.fetch('/v1/jobs/x/outputs/thumb'), 404, 'not_found');
});

test.each([
  ['GET', {}],
  ['HEAD', {}],
  ['GET', { Range: 'bytes=2-4' }],
])(
  '%s with %j of an output whose file is gone answers 410, says so in the log, and 200 once it is back',
  async (method, headers) => {
    const id = await createJob();
    await api.finish(id, { bytes });
    const [key = ''] = (await api.storedKeys()).filter((stored) => stored.includes(id));
    await api.storage.delete([key]);

    const ask = () => api.fetch(`/v1/jobs/${id}/outputs/thumb`, { method, headers: headers as Record<string, string> });
    const missing = await ask();
    expect(missing.status).toBe(410);
    expect(missing.headers.get('cache-control')).toBe('no-store');
    expect(missing.headers.get('etag')).toBeNull();
    expect(missing.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    if (method === 'GET') await expectProblem(missing, 410, 'output_missing');
    expect(api.log).toContainEqual(expect.objectContaining({ level: 'warn', msg: 'output missing', job: id }));

    await api.storage.put(key, Readable.from([bytes]));
    expect((await ask()).ok).toBe(true);
  },
);

test('an answer whose bytes break off is cut short, so that its client notices', async () => {
  const id = await createJob();
  await api.finish(id, { bytes });
  const [key = ''] = (await api.storedKeys()).filter((stored) => stored.includes(id));
  await api.storage.put(key, Readable.from([bytes.subarray(0, 5)]));
  await expect(api.fetch(`/v1/jobs/${id}/outputs/thumb`).then((answer) => answer.arrayBuffer())).rejects.toThrow(/terminated/);
});
