/** Every panel of the dashboards that the chart brings shows something. */
import { externalSeries, panelQueries, type PanelQuery } from '@tintype/monitoring';
import { eventually } from '@tintype/testing';
import { get, namespace } from './cluster.js';
import { withoutData } from './prometheus.js';
import { makeTraffic } from './traffic.js';

type Dashboard = Parameters<typeof panelQueries>[0] & { readonly title: string };

/** Four scrape intervals, as Grafana has it. */
const variables = { namespace, rateInterval: '1m', range: '15m' };

test('every query of every panel has data', async () => {
  const { items } = await get<{ items: { data: Record<string, string> }[] }>(
    'configmaps',
    '-n',
    namespace,
    '-l',
    'grafana_dashboard=1',
  );
  const dashboards = items.flatMap(({ data }) => Object.values(data).map((json) => JSON.parse(json) as Dashboard));
  expect(dashboards).toHaveLength(6);
  const queries = dashboards.flatMap((dashboard) => panelQueries(dashboard, variables));
  expect(queries.length).toBeGreaterThan(100);

  let empty: readonly PanelQuery[] = queries;
  await eventually(
    async () => {
      // What a rate is made of has to go on happening.
      await makeTraffic();
      empty = await withoutData(empty);
      const missing = empty.filter(({ mayBeEmpty, expr }) => mayBeEmpty === undefined || isOfCluster(expr));
      expect(missing.map(({ panel, refId, expr }) => `${panel} ${refId}: ${expr}`)).toEqual([]);
      return true;
    },
    { timeoutMs: 200_000, everyMs: 5_000 },
  );
}, 260_000);

/** What the kubelet and kube-state-metrics tell is seen nowhere else. */
function isOfCluster(expr: string): boolean {
  return externalSeries.some(({ owner, name }) => owner === 'cluster' && expr.includes(name));
}
