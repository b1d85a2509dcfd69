import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { type Metric, metrics } from '@tintype/metrics';
import { dashboardFiles, dashboards, panelQueries } from './dashboards.js';
import { externalSeries } from './external.js';
import { ruleGroups } from './index.js';

const all = dashboards();
const catalogue: readonly Metric[] = Object.values(metrics);

test('are the same whenever they are made', () => {
  expect(dashboardFiles()).toEqual(dashboardFiles());
});

test('have addresses and files of their own', () => {
  expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
  expect(Object.keys(dashboardFiles())).toEqual(['tintype-overview.json']);
});

test('read nothing but what is exported, and with the rules they read all of it', () => {
  const ofRules = ruleGroups({ namespace: 'a', fullname: 'b' }).flatMap(({ rules }) => rules.map(({ expr }) => expr));
  const ofVariables = all.flatMap(({ templating }) => (templating?.list ?? []).map(({ query }) => JSON.stringify(query ?? '')));
  const ofPanels = all.flatMap((dashboard) => queriesOf(dashboard).map(({ expr }) => expr));
  const read = new Set([...ofPanels, ...ofRules, ...ofVariables].flatMap(namesIn));
  const exported = new Set([...catalogue, ...externalSeries].map(({ name }) => name));
  const unknown = [...read].filter((name) => !exported.has(name) && !exported.has(name.replace(/_(bucket|sum|count)$/, '')));
  expect(unknown).toEqual([]);
  const unread = [...exported].filter((name) => ![...read].some((each) => each.replace(/_(bucket|sum|count)$/, '') === name));
  expect(unread).toEqual([]);
});

describe.each(all.map((dashboard) => [dashboard.title ?? '', dashboard] as const))('%s', (_title, dashboard) => {
  const panels = panelsOf(dashboard);

  test('is of the schema that Grafana provisions from files, and names no data source', () => {
    expect(dashboard).toMatchObject({ schemaVersion: 42, editable: false });
    expect(dashboard).not.toHaveProperty('id');
    const sources = JSON.stringify(dashboard).match(/"datasource":\{.*?"\}/g) ?? [];
    expect(sources.length).toBeGreaterThan(panels.length);
    expect(new Set(sources)).toEqual(new Set(['"datasource":{"type":"prometheus","uid":"${datasource}"}']));
  });

  test('lets choose data source, namespace and pods, anew when the time range changes', () => {
    const variables = dashboard.templating?.list ?? [];
    expect(variables.map(({ name }) => name)).toEqual(['datasource', 'namespace', 'pod']);
    for (const { type, refresh } of variables)
      expect([type, refresh]).toEqual(type === 'query' ? ['query', 2] : ['datasource', undefined]);
  });

  test.each(panels.map((panel) => [panel.title ?? '', panel] as const))('tells what %s shows', (_panel, panel) => {
    expect(panel.title).toMatch(/^[A-Z]/);
    expect(panel.description).toMatch(/\.$/);
    expect(Object.values(units)).toContain(panel.fieldConfig?.defaults.unit);
    expect(panel.options).toMatchObject({ legend: { showLegend: true } });
    for (const { legend } of targetsOf(panel)) expect(legend).not.toBe('');
  });

  test('has panels of different titles and ids', () => {
    const ids = (dashboard.panels ?? []).map(({ id }) => id);
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  test('fills its lines, and no panel lies on another', () => {
    const cells = (dashboard.panels ?? []).flatMap(({ gridPos: at }) =>
      Array.from({ length: at!.w * at!.h }, (_cell, index) => `${at!.x + (index % at!.w)}/${at!.y + Math.floor(index / at!.w)}`),
    );
    const height = Math.max(...(dashboard.panels ?? []).map(({ gridPos }) => gridPos!.y + gridPos!.h));
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells).toHaveLength(24 * height);
  });

  test('asks for rates over the interval that suits the scrapes', () => {
    for (const { expr } of panels.flatMap(targetsOf)) {
      for (const [, window] of expr.matchAll(/\[([^\]]*)\]/g)) expect(window).toMatch(/^\$__(rate_interval|range)$/);
    }
  });

  test('yields its queries ready to run, and says which may be without a result', () => {
    const queries = panelQueries(JSON.parse(JSON.stringify(dashboard)) as Dashboard, {
      namespace: 'pictures',
      rateInterval: '1m',
      range: '15m',
    });
    expect(queries).toHaveLength(panels.flatMap(targetsOf).length);
    for (const { expr } of queries) {
      expect(expr).not.toContain('$');
      expect(expr).toContain('namespace="pictures"');
    }
    expect(queries).toContainEqual({
      panel: 'Unfinished jobs',
      refId: 'A',
      expr: 'max by (status) (jobs_unfinished{namespace="pictures",job="tintype-api"})',
    });
    expect(queries).toContainEqual(
      expect.objectContaining({ panel: 'Processor time', refId: 'C', mayBeEmpty: expect.stringContaining('no limit') as string }),
    );
  });
});

function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.filter((panel): panel is Panel => panel.type !== 'row');
}

function targetsOf({ targets = [] }: Panel) {
  return (targets as { expr?: string; legendFormat?: string }[]).map(({ expr = '', legendFormat: legend = '' }) => ({
    expr,
    legend,
  }));
}

function queriesOf(dashboard: Dashboard) {
  return panelsOf(dashboard).flatMap(targetsOf);
}

/** The names before the braces of selectors. What a rule records has colons, and is no metric. */
function namesIn(expr: string): string[] {
  return Array.from(expr.matchAll(/([\w:]+)\{/g), ([, name = '']) => name).filter((name) => !name.includes(':'));
}
