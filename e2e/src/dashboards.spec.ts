/** Every panel of the dashboards that the chart brings shows something. */
import { panelQueries, type PanelQuery } from '@tintype/monitoring';
import { eventually } from '@tintype/testing';
import { get, namespace } from './cluster.js';
import { query } from './prometheus.js';
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
  const queries = dashboards.flatMap((dashboard) => panelQueries(dashboard, variables));
  expect(queries.length).toBeGreaterThan(20);

  let empty: readonly PanelQuery[] = queries;
  await eventually(
    async () => {
      // What a rate is made of has to go on happening.
      await makeTraffic();
      empty = await without(empty, hasData);
      const missing = empty.filter(({ mayBeEmpty }) => mayBeEmpty === undefined);
      expect(missing.map(({ panel, refId, expr }) => `${panel} ${refId}: ${expr}`)).toEqual([]);
      return true;
    },
    { timeoutMs: 150_000, everyMs: 5_000 },
  );
}, 200_000);

/** NaN is a line that is not drawn. */
async function hasData({ expr }: PanelQuery): Promise<boolean> {
  return (await query(expr)).some(({ value }) => !Number.isNaN(value));
}

async function without<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<T[]> {
  const left: T[] = [];
  for (const one of all) if (!(await holds(one))) left.push(one);
  return left;
}
