/** What every route has in common when something is wrong. */
import { eventually, testDatabase } from '@tintype/testing';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { BrokenLine } from '../spec/broken-line.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json, photo, post, thumb } from '../spec/requests.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());
afterEach(() => jest.restoreAllMocks());

test.each(['/v1', '/v1/jobs/a/b', '/v2/jobs', '/wp-login.php', '/v1/jobs/../../etc/passwd'])(
  'there is nothing at %s',
  async (path) => {
    await expectProblem(await api.fetch(path), 404, 'not_found');
  },
);

test.each([
  ['PUT', '/v1/jobs', 'GET, HEAD, POST'],
  ['PATCH', '/v1/jobs/0198c0de-0000-7000-8000-000000000001', 'DELETE, GET, HEAD'],
  ['GET', '/v1/jobs/0198c0de-0000-7000-8000-000000000001/cancel', 'POST'],
  ['DELETE', '/v1/uploads', 'POST'],
  ['POST', '/v1/presets/thumbnail', 'GET, HEAD'],
  ['OPTIONS', '/v1/operations', 'GET, HEAD'],
  ['POST', '/metrics', 'GET, HEAD'],
])('%s %s is refused and told what is allowed', async (method, path, allow) => {
  const answer = await api.fetch(path, { method });
  await expectProblem(answer, 405, 'method_not_allowed');
  expect(answer.headers.get('allow')).toBe(allow);
});

test('a path that is no UTF-8 is refused', async () => {
  await expectProblem(await api.fetch('/v1/jobs/%FF'), 400, 'bad_request');
});

test('every answer has the headers that keep browsers from doing what they should not', async () => {
  for (const path of ['/v1/operations', '/nothing']) {
    const { headers } = await api.fetch(path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('an error that nobody expected is answered without its details, which are logged', async () => {
  jest.spyOn(api.storage, 'put').mockRejectedValue(new TypeError('password of the database is 12345'));
  const answer = await api.fetch('/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg', 'X-Request-Id': 'unlucky-1' }));
  const problem = await expectProblem(answer, 500, 'internal');
  expect(JSON.stringify(problem)).not.toContain('password');
  expect(api.log).toContainEqual(expect.objectContaining({ level: 'error', request_id: 'unlucky-1' }));
});

test('every request leaves one line in the log, without its query', async () => {
  const { headers } = await api.fetch('/v1/jobs?cursor=secret');
  const lines = api.log.filter((line) => line['request_id'] === headers.get('x-request-id') && line['msg'] === 'request');
  expect(lines).toEqual([expect.objectContaining({ method: 'GET', path: '/v1/jobs', route: '/v1/jobs', status: 422 })]);
  expect(JSON.stringify(api.log)).not.toContain('secret');
});

test('while the database is away, requests that need it are answered 503 and leave nothing, and others are answered', async () => {
  const database = await testDatabase();
  const { line, url } = await BrokenLine.to(database.url);
  const cutOff = await ApiUnderTest.start({ DATABASE_URL: url });
  try {
    const job = json({ source: inline(), outputs: [thumb] });
    await cutOff.fetch('/v1/jobs', job);
    line.cut();

    for (const [path, init] of [
      ['/v1/jobs', undefined],
      ['/v1/jobs', json({ source: { upload_id: '0198c0de-0000-7000-8000-000000000001' }, outputs: [thumb] })],
      ['/v1/jobs/0198c0de-0000-7000-8000-000000000001', undefined],
      ['/v1/jobs/0198c0de-0000-7000-8000-000000000001/outputs/a', undefined],
      ['/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' })],
    ] as const) {
      const answer = await cutOff.fetch(path, init);
      await expectProblem(answer, 503, 'service_unavailable');
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect((await cutOff.fetch('/v1/operations')).status).toBe(200);
    expect((await cutOff.fetch('/livez')).status).toBe(200);
    // What a probe found counts for a second.
    await eventually(async () => (await cutOff.fetch('/readyz')).status === 503);
    const metrics = await (await cutOff.fetch('/metrics')).text();
    expect(metrics).not.toMatch(/^jobs_unfinished{/m);
  } finally {
    await cutOff.close();
    await database.drop();
  }
});
