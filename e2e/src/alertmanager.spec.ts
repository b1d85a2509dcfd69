/** Alerts of the chart come to the receiver that the routing of the cluster's Alertmanager has for them, and are taken back. */
import { existsSync } from 'node:fs';
import { eventually } from '@tintype/testing';
import { AlertReceiver } from './alert-receiver.js';
import { isReady, kubectl, namespace, podsOf, settled } from './cluster.js';

const replicas = 2;
/** What the alert waits for by itself, two rounds of Prometheus, and what Alertmanager waits for others of its group. */
const firingMs = 120_000 + 30_000 + 30_000;
/** A scrape, a round, and the time between two notifications about a group. */
const resolvedMs = 30_000 + 60_000;
/** For the kubelet to start a container a second and a third time. */
const restartedMs = 60_000;
/** For the pods, and a busy machine. */
const allowanceMs = 60_000;

let receiver: AlertReceiver;

beforeAll(async () => {
  await Promise.all([settled('api', replicas), settled('worker', replicas)]);
  receiver = await AlertReceiver.start();
});

afterAll(async () => {
  await Promise.all([scaleApi(replicas), settled('worker', replicas)]);
  await receiver.remove();
}, 240_000);

test(
  'that no pod of the API is there reaches whoever is on call with a runbook, and so does that it is over',
  async () => {
    await scaleApi(0);
    const fired = await eventually(async () => (await receiver.about('TintypeApiDown')).at(-1), {
      timeoutMs: firingMs + allowanceMs,
      everyMs: 1_000,
    });
    expect(fired).toMatchObject({
      status: 'firing',
      receiver: 'page',
      labels: { severity: 'critical', namespace, service: 'tintype-api' },
      annotations: {
        summary: expect.stringMatching(/\.$/) as unknown,
        description: expect.stringContaining(namespace) as unknown,
        runbook_url: expect.stringMatching(/^https:\/\/.+\/docs\/runbooks\/TintypeApiDown\.md$/) as unknown,
      },
    });
    const page = String(fired.annotations['runbook_url']).replace(/^.*\/docs\//, '../../docs/');
    expect(existsSync(new URL(page, import.meta.url))).toBe(true);

    await scaleApi(replicas);
    await eventually(async () => (await receiver.about('TintypeApiDown')).at(-1)?.status === 'resolved', {
      timeoutMs: resolvedMs + allowanceMs,
      everyMs: 1_000,
    });
    const notified = await receiver.about('TintypeApiDown');
    expect(notified.map((alert) => `${alert.receiver} ${alert.status}`)).toEqual(['page firing', 'page resolved']);
  },
  firingMs + resolvedMs + 3 * allowanceMs,
);

// The one alert that no fault brings about without a cluster: make watch/faults has the others.
test(
  'that a worker is killed for its memory reaches whoever has time for it, and so does that it is over',
  async () => {
    // Less than a worker needs to start.
    await kubectl(
      'set',
      'resources',
      'deployment/tintype-worker',
      '-c',
      'worker',
      '-n',
      namespace,
      '--requests=memory=16Mi',
      '--limits=memory=32Mi',
    );
    try {
      const fired = await eventually(async () => (await receiver.about('TintypePodOutOfMemory')).at(-1), {
        timeoutMs: restartedMs + firingMs + allowanceMs,
        everyMs: 1_000,
      });
      expect(fired).toMatchObject({
        status: 'firing',
        receiver: 'ticket',
        labels: { severity: 'warning', namespace, pod: expect.stringMatching(/^tintype-worker-/) as unknown },
      });
      // The pods that were there before work on.
      expect((await podsOf('worker')).filter(isReady)).toHaveLength(replicas);
    } finally {
      await kubectl('rollout', 'undo', 'deployment/tintype-worker', '-n', namespace);
    }
    await settled('worker', replicas);
    await eventually(async () => (await receiver.about('TintypePodOutOfMemory')).at(-1)?.status === 'resolved', {
      timeoutMs: resolvedMs + allowanceMs,
      everyMs: 1_000,
    });
  },
  restartedMs + firingMs + resolvedMs + 6 * allowanceMs,
);

async function scaleApi(to: number): Promise<void> {
  await kubectl('scale', 'deployment/tintype-api', '-n', namespace, `--replicas=${to}`);
  await settled('api', to);
}
