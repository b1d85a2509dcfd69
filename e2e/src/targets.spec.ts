import { eventually } from '@tintype/testing';
import { namespace, podsOf } from './cluster.js';
import { targets } from './prometheus.js';

test.each(['api', 'worker'] as const)(
  'Prometheus has found every pod of the %s by its ServiceMonitor, and can read it',
  async (component) => {
    const pods = (await podsOf(component)).map(({ metadata }) => metadata.name).sort();
    expect(pods).not.toEqual([]);

    await eventually(
      async () => {
        const found = (await targets()).filter(({ scrapePool }) =>
          scrapePool.startsWith(`serviceMonitor/${namespace}/tintype-${component}/`),
        );
        expect(found.map(({ labels, health, lastError }) => ({ pod: labels['pod'], health, lastError })).sort(byPod)).toEqual(
          pods.map((pod) => ({ pod, health: 'up', lastError: '' })),
        );
        return true;
      },
      { timeoutMs: 75_000, everyMs: 1_000 },
    );
  },
);

function byPod(one: { pod: string | undefined }, other: { pod: string | undefined }): number {
  return String(one.pod).localeCompare(String(other.pod));
}
