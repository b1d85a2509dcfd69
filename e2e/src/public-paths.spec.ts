/** What the Ingress leads to, and what it does not. */
import { kubectl, namespace, podOf } from './cluster.js';
import { ingress } from './site.js';

const site = ingress();
afterAll(() => site.close());

test.each([
  ['/v1/operations', 200, 'application/json'],
  ['/openapi.json', 200, 'application/json'],
  ['/docs', 200, 'text/html'],
  ['/', 302, ''],
])('%s is public', async (path, status, mediaType) => {
  const answer = await site.send({ path });
  expect({ path, status: answer.status }).toEqual({ path, status });
  expect(answer.headers['content-type'] ?? '').toContain(mediaType);
});

test('what is public and not there is a problem document', async () => {
  const answer = await site.send({ path: '/v1/nothing' });
  expect(answer.status).toBe(404);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
});

const operational = ['/metrics', '/livez', '/readyz', '/startupz'];
const detours = [
  '/metrics/',
  '//metrics',
  '/./metrics',
  '/v1/../metrics',
  '/v1/%2e%2e/metrics',
  '/docs/..%2fmetrics',
  '/v1/..;/metrics',
];

test.each([...operational, ...detours])('%s is not', async (path) => {
  const { status, body } = await site.send({ path });
  expect([400, 404]).toContain(status);
  expect(body.toString()).not.toMatch(/^# (HELP|TYPE)|"status": ?"ok"/m);
});

test.each([
  ['api', 8080],
  ['worker', 9091],
] as const)('inside of the cluster the %s has all of them', async (component, port) => {
  const { metadata } = await podOf(component);
  const pod = `/api/v1/namespaces/${namespace}/pods/${metadata.name}:${port}/proxy`;
  const answers = await Promise.all(operational.map((path) => kubectl('get', '--raw', `${pod}${path}`)));
  expect(answers[0]).toMatch(/^# HELP app_build_info /m);
  for (const probe of answers.slice(1)) expect(JSON.parse(probe)).toMatchObject({ status: 'ok' });
});
