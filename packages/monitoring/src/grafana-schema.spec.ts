/** Each dashboard is what Grafana 11, 12 and 13 take for one, and the check of it finds what is not. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboards } from './dashboards.js';
import { panelsOf } from './spec/dashboard-linter.js';
import { faultsOf, releases } from './spec/grafana-schema.js';

const sound = dashboards().find(({ uid }) => uid === 'tintype-api')!;

interface Mistake {
  readonly make: (dashboard: Dashboard) => void;
  readonly complains: RegExp;
  /** The releases that find it; all of them unless it says otherwise. */
  readonly by?: readonly (typeof releases)[number][];
}

const mistakes: Readonly<Record<string, Mistake>> = {
  'unknown-field': {
    make: (dashboard) => Object.assign(dashboard, { refreshEvery: '30s' }),
    complains: /'"refreshEvery"' does not exist/,
  },
  'wrong-type': {
    make: (dashboard) => Object.assign(dashboard.panels![0]!.gridPos!, { w: '24' }),
    complains: /'string' is not assignable to type 'number/,
  },
  'unknown-panel': {
    make: (dashboard) => Object.assign(panelOf(dashboard, 'stat'), { type: 'singlestat' }),
    complains: /"singlestat"/,
  },
  'unknown-option': {
    make: (dashboard) => Object.assign(panelOf(dashboard, 'timeseries').options as object, { legends: {} }),
    complains: /'"legends"' does not exist/,
  },
  'unknown-value': {
    make: (dashboard) =>
      Object.assign(panelOf(dashboard, 'timeseries').options as object, { tooltip: { mode: 'all', sort: 'desc' } }),
    complains: /"all"/,
  },
  'unknown-style': {
    make: (dashboard) =>
      Object.assign(panelOf(dashboard, 'timeseries').fieldConfig!.defaults.custom as object, { lineThickness: 1 }),
    complains: /'"lineThickness"' does not exist/,
  },
  'unknown-query-field': {
    make: (dashboard) => Object.assign(panelOf(dashboard, 'heatmap').targets![0]!, { legend: '{{le}}' }),
    complains: /'"legend"' does not exist/,
  },
  'missing-field': {
    make: (dashboard) => Object.assign(panelOf(dashboard, 'heatmap').options as object, { color: undefined }),
    complains: /'color' is missing/,
  },
  'unknown-variable': {
    make: (dashboard) => Object.assign(dashboard.templating!.list![1]!, { type: 'label' }),
    complains: /"label"/,
  },
  'too-new-for-11': {
    make: (dashboard) => Object.assign(dashboard.links![0]!, { placement: 'inControlsMenu' }),
    complains: /'"placement"' does not exist/,
    by: ['Grafana11'],
  },
  'too-old-for-12': {
    make: (dashboard) => Object.assign(panelOf(dashboard, 'table').options as object, { footer: { show: false, reducer: [] } }),
    complains: /'"footer"' does not exist/,
    by: ['Grafana12', 'Grafana13'],
  },
};

test('Grafana 11, 12 and 13 take every dashboard', () => {
  const all = Object.fromEntries(dashboards().map((dashboard) => [dashboard.uid ?? '', dashboard]));
  expect(faultsOf(all)).toEqual([]);
});

describe('the check', () => {
  const found = faultsOf(Object.fromEntries(Object.entries(mistakes).map(([name, { make }]) => [name, broken(make)])));

  test.each(Object.entries(mistakes))('finds %s', (name, { complains, by = releases }) => {
    const complaints = found.filter((each) => each.startsWith(`${name}.`));
    expect([...new Set(complaints.map((each) => each.split('.')[1]))]).toEqual(by);
    for (const release of by) expect(complaints.filter((each) => each.includes(release)).join('\n')).toMatch(complains);
  });
});

function broken(make: Mistake['make']): Dashboard {
  const dashboard = JSON.parse(JSON.stringify(sound)) as Dashboard;
  make(dashboard);
  return dashboard;
}

function panelOf(dashboard: Dashboard, type: string) {
  return panelsOf(dashboard).find((panel) => panel.type === type)!;
}
