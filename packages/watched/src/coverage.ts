/** Which queries of dashboards and rules are seen to have data here, and which only on a cluster: together they are all. */
import { dashboardFiles, externalSeries, panelQueries, type PanelQuery } from '@tintype/monitoring';
import { measuredOfContainers } from './pods.js';
import { seriesOf } from './promql.js';
import { release } from './watched-site.js';

export interface DashboardQuery extends PanelQuery {
  readonly dashboard: string;
}

/** What kube-state-metrics and the kubelet tell of containers and processes have not. */
const onlyOnClusters = new Set(
  externalSeries.filter(({ owner, name }) => owner === 'cluster' && !measuredOfContainers.includes(name)).map(({ name }) => name),
);

/** Every query of every dashboard, as it is sent when nothing is chosen. `intervalSeconds`: between two scrapes. */
export function dashboardQueries(intervalSeconds: number): DashboardQuery[] {
  // Four scrape intervals, as Grafana has it.
  const variables = { namespace: release.namespace, rateInterval: `${4 * intervalSeconds}s`, range: '5m' };
  return Object.values(dashboardFiles()).flatMap((json) => {
    const dashboard = JSON.parse(json) as Parameters<typeof panelQueries>[0] & { readonly uid: string };
    return panelQueries(dashboard, variables).map((query) => ({ ...query, dashboard: dashboard.uid }));
  });
}

/** Whether an expression reads what only a cluster has: there the checks of e2e see to it. */
export function isOnlyOnClusters(expression: string): boolean {
  return seriesOf(expression).some((series) => onlyOnClusters.has(series));
}
