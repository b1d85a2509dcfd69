import { eventually } from '@tintype/testing';
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { form, inline, json, photo, post, thumb } from '../spec/requests.js';

const jpeg = { 'Content-Type': 'image/jpeg' };

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start({ UPLOADS_IN_FLIGHT_MAX: '2' });
});
afterAll(() => api.close());

/** An upload that has begun to arrive. */
async function begin(): Promise<ClientRequest> {
  const request = httpRequest(`${api.url}/v1/uploads`, { method: 'POST', headers: { ...jpeg, Expect: '100-continue' } });
  request.on('error', () => undefined).flushHeaders();
  await once(request, 'continue');
  request.write(photo);
  return request;
}

test('uploads beyond the limit are refused at once, whatever they are part of, and accepted when another has ended', async () => {
  const [first, second] = [await begin(), await begin()];

  const refused = await api.fetch('/v1/uploads', post(photo, jpeg));
  await expectProblem(refused, 503, 'service_unavailable');
  expect(refused.headers.get('retry-after')).toBe('1');
  for (const [path, init] of [
    ['/v1/uploads', post(form(['file', photo]))],
    ['/v1/jobs', post(form(['action', 'grayscale'], ['file', photo]))],
    ['/v1/batches', json({ jobs: [] })],
  ] as const) {
    await expectProblem(await api.fetch(path, init), 503, 'service_unavailable');
  }
  expect((await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb] }))).status).toBe(202);
  expect(await (await api.fetch('/metrics')).text()).toMatch(/^image_uploads_rejected_total{reason="too_many"} 3$/m);

  first.end();
  const [answer] = (await once(first, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(201);
  second.destroy();
  await eventually(async () => (await api.fetch('/v1/uploads', post(photo, jpeg))).status === 201);
});
