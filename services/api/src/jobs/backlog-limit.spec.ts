import { JobDocument } from '@tintype/jobs';
import { eventually } from '@tintype/testing';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { form, inline, json, photo, post, thumb } from '../spec/requests.js';

const job = { source: inline(), outputs: [thumb] };

let api: ApiUnderTest;
beforeEach(async () => {
  api = await ApiUnderTest.start({ BACKLOG_MAX_JOBS: '3' });
});
afterEach(() => api.close());

async function fill(): Promise<string[]> {
  const answers = [];
  for (let count = 0; count < 3; count++) {
    answers.push(await api.fetch('/v1/jobs', json(job, { 'Idempotency-Key': `"job-${count}"` })));
  }
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  return Promise.all(answers.map(async (answer) => JobDocument.parse(await answer.json()).id));
}

test('new jobs are refused while as many are waiting as may, and taken again when some are done', async () => {
  const [first = ''] = await fill();

  const refused = await api.fetch('/v1/jobs', json(job));
  await expectProblem(refused, 503, 'backlog_full');
  expect(refused.headers.get('retry-after')).toBe('300');
  expect(await api.rows('job')).toBe(3);
  const metrics = await (await api.fetch('/metrics')).text();
  expect(metrics).toMatch(/^jobs_refused_total{reason="backlog"} 1$/m);

  await api.finish(first);
  await eventually(async () => (await api.fetch('/v1/jobs', json(job))).status === 202);
  // What it has just accepted counts at once.
  const again = await api.fetch('/v1/jobs', json(job));
  await expectProblem(again, 503, 'backlog_full');
  expect(again.headers.get('retry-after')).toBe('3');
});

test('batches are refused too, and count with all their jobs', async () => {
  const upload = (await (await api.fetch('/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' }))).json()) as { id: string };
  const batch = { jobs: [1, 2, 3].map(() => ({ source: { upload_id: upload.id }, outputs: [thumb] })) };
  expect((await api.fetch('/v1/batches', json(batch))).status).toBe(202);

  await expectProblem(await api.fetch('/v1/batches', json(batch)), 503, 'backlog_full');
  await expectProblem(await api.fetch('/v1/jobs', json(job)), 503, 'backlog_full');
});

test('failed jobs are not tried again while too many are waiting', async () => {
  const [first = ''] = await fill();
  await api.finish(first, { outcomes: [{ name: 'thumb', status: 'failed', code: 'invalid_operation' }] });
  await eventually(async () => (await api.fetch('/v1/jobs', json(job))).status === 202);

  await expectProblem(await api.fetch(`/v1/jobs/${first}/retry`, { method: 'POST' }), 503, 'backlog_full');
  await expectProblem(
    await api.fetch('/v1/batches/0198c0de-0000-7000-8000-000000000001/retry', { method: 'POST' }),
    503,
    'backlog_full',
  );
});

test('a client that asks before it sends is refused without sending', async () => {
  await fill();
  const headers = { 'Content-Type': 'multipart/form-data; boundary=b', Expect: '100-continue', 'Content-Length': '1000000' };
  const request = httpRequest(`${api.url}/v1/jobs`, { method: 'POST', headers });
  const continued = jest.fn();
  request.on('continue', continued).flushHeaders();

  const [answer] = (await once(request, 'response')) as [IncomingMessage];

  expect(answer.statusCode).toBe(503);
  expect(continued).not.toHaveBeenCalled();
  request.destroy();
});

test('reads, downloads, cancellations, uploads and requests that were sent before are answered all the same', async () => {
  const [first = '', second = ''] = await fill();
  await expectProblem(await api.fetch('/v1/jobs', json(job)), 503, 'backlog_full');

  const replayed = await api.fetch('/v1/jobs', json(job, { 'Idempotency-Key': '"job-0"' }));
  expect({ status: replayed.status, replayed: replayed.headers.get('idempotent-replayed') }).toEqual({
    status: 202,
    replayed: 'true',
  });
  expect((await api.fetch(`/v1/jobs/${first}`)).status).toBe(200);
  expect((await api.fetch('/v1/jobs')).status).toBe(200);
  expect((await api.fetch('/v1/uploads', post(form(['file', photo])))).status).toBe(201);
  expect((await api.fetch(`/v1/jobs/${second}/cancel`, { method: 'POST' })).status).toBe(200);
});

test('a refused request frees its key', async () => {
  const [first = ''] = await fill();
  const keyed = () => api.fetch('/v1/jobs', json(job, { 'Idempotency-Key': '"later"' }));
  await expectProblem(await keyed(), 503, 'backlog_full');

  await api.finish(first);
  const answer = await eventually(async () => {
    const again = await keyed();
    return again.status === 202 ? again : undefined;
  });
  expect(answer.headers.get('idempotent-replayed')).toBeNull();
});

test('requests of one second share one count', async () => {
  const counts = jest.spyOn(api.dataSource, 'query');
  await Promise.all(Array.from({ length: 30 }, () => api.fetch('/v1/jobs', json(job))));
  const looks = counts.mock.calls.filter(([query]) => query.includes('finishedLastMinute'));
  counts.mockRestore();
  expect(looks.length).toBeGreaterThan(0);
  expect(looks.length).toBeLessThan(4);
});
