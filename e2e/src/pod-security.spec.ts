/** The namespace takes nothing but pods of the Pod Security Standard `restricted`, and all of ours are. */
import { create, get, namespace, type Pod } from './cluster.js';

test('the namespace enforces it', async () => {
  const { metadata } = await get<{ metadata: { labels: Record<string, string> } }>('namespace', namespace);
  expect(metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
});

test('every pod that is there is admitted', async () => {
  const { items } = await get<{ items: Pod[] }>('pods', '-n', namespace);
  const components = items.map(({ metadata }) => metadata.labels['app.kubernetes.io/component']);
  expect(components).toEqual(expect.arrayContaining(['api', 'worker', 'postgresql', 'valkey', 'object-storage']));

  const verdicts = await Promise.all(items.map(async (pod) => ({ pod: pod.metadata.name, ...(await admission(pod.spec)) })));
  expect(verdicts).toEqual(items.map(({ metadata }) => ({ pod: metadata.name, exitCode: 0, stderr: '' })));
});

test.each([
  ['a privileged one', { securityContext: { privileged: true } }],
  ['one that says nothing about it', {}],
])('%s is refused', async (_about, container) => {
  const { exitCode, stderr } = await admission({ containers: [{ name: 'a', image: 'postgres:17', ...container }] });
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('violates PodSecurity "restricted:latest"');
});

/** What the API server says to a new pod like this, which is not kept. */
async function admission(spec: object): Promise<{ exitCode: number | null; stderr: string }> {
  const { nodeName: _scheduled, ...unscheduled } = spec as { readonly nodeName?: string };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'tintype-e2e-', namespace }, spec: unscheduled };
  const { exitCode, stderr } = await create(pod, '--dry-run=server');
  return { exitCode, stderr };
}
