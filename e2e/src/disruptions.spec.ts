/** Whatever is restarted, scaled or removed in the course of things: no request fails, and no accepted job is lost. */
import { kubectl, namespace, type Pod, podOf, podsOf, settled } from './cluster.js';
import { Load } from './load.js';

/** Of the API and of the worker. */
const replicas = 2;
const limitMs = 300_000;

beforeAll(() => Promise.all([settled('api', replicas), settled('worker', replicas)]));

test.each<readonly [about: string, disruption: () => Promise<void>]>([
  ['a rolling restart of the API', () => restart('api')],
  ['a rolling restart of the worker', () => restart('worker')],
  [
    'scaling the worker from 2 pods to 1 and back',
    async () => {
      await scaleWorker(1);
      await scaleWorker(replicas);
    },
  ],
  ['the deletion of a pod of the worker', () => deletePod('worker')],
  ['the deletion of a pod of the API', () => deletePod('api')],
])(
  '%s fails no request and loses no job',
  async (_about, disruption) => {
    const { accepted, completed, lost, faults } = await Load.during(disruption);
    expect(faults).toEqual([]);
    expect(lost).toEqual([]);
    expect(completed).toBe(accepted);
    expect(accepted).toBeGreaterThan(50);
  },
  limitMs,
);

async function restart(component: 'api' | 'worker'): Promise<void> {
  const before = await podsOf(component);
  await kubectl('rollout', 'restart', `deployment/tintype-${component}`, '-n', namespace);
  await kubectl('rollout', 'status', `deployment/tintype-${component}`, '-n', namespace, '--timeout=180s');
  const after = await settled(component, replicas);
  expect(uidsOf(after).filter((uid) => uidsOf(before).includes(uid))).toEqual([]);
}

async function scaleWorker(to: number): Promise<void> {
  await kubectl('scale', 'deployment/tintype-worker', '-n', namespace, `--replicas=${to}`);
  await settled('worker', to);
}

async function deletePod(component: 'api' | 'worker'): Promise<void> {
  const { metadata } = await podOf(component);
  await kubectl('delete', 'pod', '-n', namespace, metadata.name);
  const after = await settled(component, replicas);
  expect(uidsOf(after)).not.toContain(metadata.uid);
}

function uidsOf(pods: readonly Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.uid);
}
