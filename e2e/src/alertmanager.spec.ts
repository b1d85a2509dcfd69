/** An alert of the chart comes to the receiver that the routing of the cluster's Alertmanager has for it, and is taken back. */
import { existsSync } from 'node:fs';
import { eventually } from '@tintype/testing';
import { AlertReceiver } from './alert-receiver.js';
import { kubectl, namespace, settled } from './cluster.js';

const replicas = 2;
/** What the alert waits for by itself, two rounds of Prometheus, and what Alertmanager waits for others of its group. */
const firingMs = 120_000 + 30_000 + 30_000;
/** A scrape, a round, and the time between two notifications about a group. */
const resolvedMs = 30_000 + 60_000;
/** For the pods, and a busy machine. */
const allowanceMs = 60_000;

let receiver: AlertReceiver;

beforeAll(async () => {
  await settled('api', replicas);
  receiver = await AlertReceiver.start();
});

afterAll(async () => {
  await scaleApi(replicas);
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

async function scaleApi(to: number): Promise<void> {
  await kubectl('scale', 'deployment/tintype-api', '-n', namespace, `--replicas=${to}`);
  await settled('api', to);
}
