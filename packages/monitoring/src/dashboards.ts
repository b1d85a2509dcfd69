import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { api } from './dashboards/api.js';
import { dependencies } from './dashboards/dependencies.js';
import { overview } from './dashboards/overview.js';
import { processing } from './dashboards/processing.js';
import { queue } from './dashboards/queue.js';
import { webhooks } from './dashboards/webhooks.js';
import { refIdOf } from './grafana-panels.js';
import { dashboardOf } from './grafana.js';
import type { DashboardDeclaration, MayBeEmpty } from './panels.js';
import { inDashboard } from './places.js';

export const dashboardDeclarations: readonly DashboardDeclaration[] = [overview, api, queue, processing, dependencies, webhooks];

export function dashboards(): Dashboard[] {
  return dashboardDeclarations.map((declaration) => dashboardOf(declaration, inDashboard));
}

/** Each dashboard as JSON, by a file name that no other application uses: Grafana's sidecar puts them all into one directory. */
export function dashboardFiles(): Record<string, string> {
  return Object.fromEntries(
    dashboards().map((dashboard) => [`${dashboard.uid}.json`, `${JSON.stringify(dashboard, undefined, 2)}\n`]),
  );
}

export interface PanelQuery {
  readonly panel: string;
  readonly refId: string;
  /** PromQL that Prometheus takes as it is. */
  readonly expr: string;
  readonly mayBeEmpty?: MayBeEmpty;
}

/** What Grafana would put in the place of the variables. */
export interface VariableValues {
  readonly namespace: string;
  /** A regular expression; all jobs unless given. */
  readonly job?: string;
  /** The same of pods. */
  readonly pod?: string;
  /** Four times the scrape interval, as Grafana has it. */
  readonly rateInterval: string;
  readonly range: string;
}

/** Every query of a dashboard as it was installed, with the variables replaced. */
export function panelQueries(dashboard: Pick<Dashboard, 'uid' | 'panels'>, values: VariableValues): PanelQuery[] {
  const reasons = reasonsOf(dashboard.uid);
  return (dashboard.panels ?? []).flatMap((panel) => {
    if (!('targets' in panel)) return [];
    return (panel.targets ?? []).map((target) => {
      const { refId = '', expr = '' } = target as { refId?: string; expr?: string };
      const mayBeEmpty = reasons.get(`${panel.title} ${refId}`);
      return { panel: panel.title ?? '', refId, expr: substitute(expr, values), ...(mayBeEmpty !== undefined && { mayBeEmpty }) };
    });
  });
}

function reasonsOf(uid: string | undefined): ReadonlyMap<string, MayBeEmpty | undefined> {
  const panels = dashboardDeclarations
    .filter((each) => each.uid === uid)
    .flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  return new Map(
    panels.flatMap(({ title, queries }) =>
      queries.map(({ mayBeEmpty }, index) => [`${title} ${refIdOf(index)}`, mayBeEmpty] as const),
    ),
  );
}

function substitute(expr: string, { namespace, job = '.+', pod = '.+', rateInterval, range }: VariableValues): string {
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', range)
    .replaceAll('$namespace', namespace)
    .replaceAll('$job', job)
    .replaceAll('$pod', pod);
}
