/** Each rule of the linter is broken once, and complains. */
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboards } from './dashboards.js';
import { lint, panelsOf, rules, targetsOf } from './spec/dashboard-linter.js';

const sound = dashboards()[0]!;

type Change = (dashboard: Dashboard) => void;

const broken: Readonly<Record<keyof typeof rules, readonly Change[]>> = {
  'template-datasource': [
    ({ templating }) => templating?.list?.shift(),
    ({ templating }) => Object.assign(templating!.list![0]!, { query: 'loki' }),
  ],
  'template-job': [
    (dashboard) => remove(dashboard.templating!.list!, ({ name }) => name === 'job'),
    (dashboard) => Object.assign(variable(dashboard, 'job'), { allValue: '.*' }),
    (dashboard) => Object.assign(variable(dashboard, 'job'), { multi: false }),
    (dashboard) => Object.assign(variable(dashboard, 'job'), { datasource: { type: 'prometheus', uid: 'abc' } }),
  ],
  'template-label-promql': [
    (dashboard) => Object.assign(variable(dashboard, 'pod'), { definition: 'label_values(app_build_info{, pod)' }),
    (dashboard) => Object.assign(variable(dashboard, 'pod'), { definition: 'label_values(app_build_info, container)' }),
  ],
  'template-on-time-change-reload': [(dashboard) => Object.assign(variable(dashboard, 'namespace'), { refresh: 1 })],
  'panel-datasource': [(dashboard) => Object.assign(first(dashboard), { datasource: { type: 'prometheus', uid: 'abc' } })],
  'panel-title-description': [
    (dashboard) => Object.assign(first(dashboard), { title: '' }),
    (dashboard) => Object.assign(first(dashboard), { description: undefined }),
  ],
  'panel-units': [
    (dashboard) => Object.assign(first(dashboard).fieldConfig!.defaults, { unit: 'seconds' }),
    (dashboard) => Object.assign(first(dashboard).fieldConfig!.defaults, { unit: undefined }),
    (dashboard) =>
      first(dashboard).fieldConfig!.overrides.push({
        matcher: { id: 'byName', options: 'p95' },
        properties: [{ id: 'unit', value: 'seconds' }],
      }),
  ],
  'panel-no-targets': [(dashboard) => Object.assign(first(dashboard), { targets: [] })],
  'target-promql': [
    (dashboard) => ask(dashboard, (expr) => `${expr})`),
    (dashboard) => ask(dashboard, () => ''),
    (dashboard) => ask(dashboard, () => 'sum by (action, status) (rate(worker_jobs_processed_total[$__rate_interval]'),
  ],
  'target-rate-interval': [(dashboard) => ask(dashboard, (expr) => expr.replace('$__rate_interval', '5m'))],
  'target-job': [
    (dashboard) => ask(dashboard, (expr) => expr.replace(',job=~"$job"', '')),
    (dashboard) => ask(dashboard, (expr) => expr.replace('job="tintype-worker"', 'job="tintype-api"')),
  ],
  'target-counter-agg': [
    (dashboard) => ask(dashboard, (expr) => expr.replace(/rate\((\w+\{[^}]*\})\[[^\]]*\]\)/, '$1')),
    (dashboard) => ask(dashboard, (expr) => expr.replace('rate(', 'deriv(')),
  ],
  'uneditable-dashboard': [(dashboard) => Object.assign(dashboard, { editable: true })],
  namespace: [
    (dashboard) => ask(dashboard, (expr) => expr.replace('namespace="$namespace"', 'namespace="tintype"')),
    ({ annotations }) =>
      Object.assign(annotations!.list![1]!.target!, { expr: 'ALERTS{alertname=~"Tintype.+",alertstate="firing"}' }),
  ],
  pod: [
    (dashboard) => ask(dashboard, (expr) => expr.replace(',pod=~"$pod"', '')),
    (dashboard) =>
      ask(dashboard, () => 'max(jobs_oldest_queued_age_seconds{namespace="$namespace",job="tintype-api",pod=~"$pod"})'),
  ],
  metric: [(dashboard) => ask(dashboard, (expr) => expr.replaceAll('worker_jobs_processed_total', 'worker_jobs_done_total'))],
  'legend-labels': [
    (dashboard) => Object.assign(targetsOf(first(dashboard))[0]!, { legendFormat: '{{action}} {{state}}' }),
    (dashboard) => Object.assign(targetsOf(first(dashboard))[0]!, { legendFormat: '' }),
  ],
  'legend-tells-apart': [(dashboard) => Object.assign(targetsOf(first(dashboard))[0]!, { legendFormat: '{{action}}' })],
  'unique-ids': [
    (dashboard) => Object.assign(first(dashboard), { id: panelsOf(dashboard)[1]!.id }),
    (dashboard) => Object.assign(first(dashboard), { id: undefined }),
  ],
  'unique-titles': [(dashboard) => Object.assign(first(dashboard), { title: panelsOf(dashboard)[1]!.title })],
  'unique-ref-ids': [
    (dashboard) => {
      const several = panelsOf(dashboard).find((panel) => targetsOf(panel).length > 1)!;
      Object.assign(targetsOf(several)[1]!, { refId: 'A' });
    },
  ],
  grid: [
    (dashboard) => Object.assign(first(dashboard).gridPos!, { x: 4 }),
    (dashboard) => Object.assign(first(dashboard).gridPos!, { w: 7 }),
    (dashboard) => remove<Panel | RowPanel>(dashboard.panels!, ({ id }) => id === first(dashboard).id),
    (dashboard) => Object.assign(panelsOf(dashboard)[2]!.gridPos!, { w: 9 }),
  ],
  'no-fixed-datasource': [
    (dashboard) => Object.assign(targetsOf(first(dashboard))[0]!, { datasource: { type: 'prometheus', uid: 'abc' } }),
    ({ annotations }) => Object.assign(annotations!.list![0]!, { datasource: '-- Grafana --' }),
  ],
  'no-id': [(dashboard) => Object.assign(dashboard, { id: 7 })],
  'config-map-size': [(dashboard) => Object.assign(dashboard, { description: 'long '.repeat(60_000) })],
};

test('the dashboard that is broken was sound', () => {
  expect(lint(sound)).toEqual([]);
});

test.each(Object.entries(broken).flatMap(([rule, changes]) => changes.map((change, index) => ({ rule, index, change }))))(
  '$rule complains ($index)',
  ({ rule, change }) => {
    const dashboard = JSON.parse(JSON.stringify(sound)) as Dashboard;
    change(dashboard);
    expect(lint(dashboard).map((problem) => problem.rule)).toContain(rule);
  },
);

function first(dashboard: Dashboard): Panel {
  return panelsOf(dashboard)[0]!;
}

function ask(dashboard: Dashboard, change: (expr: string) => string): void {
  const target = targetsOf(first(dashboard))[0]!;
  Object.assign(target, { expr: change(target.expr ?? '') });
}

function variable({ templating }: Dashboard, wanted: string): object {
  return templating!.list!.find(({ name }) => name === wanted)!;
}

function remove<T>(from: T[], which: (one: T) => boolean): void {
  from.splice(from.findIndex(which), 1);
}
