import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Metric, metrics } from '@tintype/metrics';
import { existsSync } from 'node:fs';
import { declarationsFor } from './alerts.js';
import { dashboardDeclarations, dashboardFiles, dashboards, panelQueries } from './dashboards.js';
import { externalSeries } from './external.js';
import { faults } from './faults.js';
import { ruleGroups } from './index.js';
import { lint, panelsOf, targetsOf } from './spec/dashboard-linter.js';
import { checkRules } from './spec/promtool.js';

const all = dashboards();
const catalogue: readonly Metric[] = Object.values(metrics);
const alerts = declarationsFor({}).flatMap((group) => group.alerts);
const runbooks = new URL('../../../docs/runbooks/', import.meta.url);

test('are the same whenever they are made', () => {
  expect(dashboardFiles()).toEqual(dashboardFiles());
});

test('have addresses and files that never change', () => {
  const uids = ['overview', 'api', 'queue', 'processing', 'dependencies', 'webhooks'].map((name) => `tintype-${name}`);
  expect(all.map(({ uid }) => uid)).toEqual(uids);
  expect(Object.keys(dashboardFiles())).toEqual(uids.map((uid) => `${uid}.json`));
  expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
});

test('read nothing but what is exported, and with the rules they read all of it', () => {
  const rules = ruleGroups({ namespace: 'a', fullname: 'b' }).flatMap((group) => group.rules);
  const ofRules = rules.map(({ expr }) => expr);
  const ofVariables = all.flatMap(({ templating }) => (templating?.list ?? []).map(({ query }) => JSON.stringify(query ?? '')));
  const ofPanels = all.flatMap((dashboard) =>
    panelsOf(dashboard)
      .flatMap(targetsOf)
      .map(({ expr = '' }) => expr),
  );
  const read = new Set([...ofPanels, ...ofRules, ...ofVariables].flatMap(namesIn));
  const exported = new Set([...catalogue, ...externalSeries].map(({ name }) => name));
  const known = new Set([...exported, ...rules.flatMap((rule) => ('record' in rule ? [rule.record] : []))]);
  const unknown = [...read].filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')));
  expect(unknown).toEqual([]);
  const unread = [...exported].filter((name) => ![...read].some((each) => each.replace(/_(bucket|sum|count)$/, '') === name));
  expect(unread).toEqual([]);
});

test('begin with what is processed, what fails of it and how long it takes', () => {
  const [row, ...panels] = all[0]?.panels ?? [];
  expect(row?.type).toBe('row');
  const [processed, failed, duration] = panels.map((panel) =>
    'targets' in panel ? targetsOf(panel).map(({ expr }) => expr) : [],
  );
  expect(processed?.join()).toContain('sum by (action, status) (rate(worker_jobs_processed_total{');
  expect(failed?.join()).toContain('status="failed"');
  expect(duration).toHaveLength(3);
  expect(duration?.join()).toContain('worker_job_duration_seconds_bucket{');
});

test('show what each alert watches on the dashboard that the alert names', () => {
  const shown = (uid: string) => dashboardDeclarations.filter((each) => each.uid === uid).flatMap(watchedOn);
  const homeless = alerts.filter(({ alert, dashboard }) => !shown(dashboard).includes(alert));
  expect(homeless.map(({ alert, dashboard }) => `${dashboard}: ${alert}`)).toEqual([]);
});

test('name no alert that there is not, and no runbook', () => {
  const named = new Set(dashboardDeclarations.flatMap(watchedOn));
  expect([...named].filter((name) => !alerts.some(({ alert }) => alert === name))).toEqual([]);
  const files = ['README', ...named].filter((name) => !existsSync(new URL(`${name}.md`, runbooks)));
  expect(files).toEqual([]);
});

test('ask for what Prometheus understands', () => {
  const values = { namespace: 'pictures', rateInterval: '1m', range: '15m' };
  const queries = all.flatMap((dashboard) => panelQueries(dashboard, values));
  const rules = queries.map(({ expr }, index) => ({ record: `panel:query:${index}`, expr }));
  expect(checkRules([{ name: 'panels', rules }])).toBe('');
  expect(checkRules([{ name: 'panels', rules: [...rules, { record: 'panel:query:wrong', expr: 'rate(up)' }] }])).toContain(
    'rate',
  );
});

test('say of queries that may be empty why, and what fills them', () => {
  const reasons = dashboardDeclarations
    .flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries)))
    .flatMap(({ mayBeEmpty }) => mayBeEmpty ?? []);
  expect(reasons.filter(({ why }) => !/^[A-Z].+\.$/.test(why))).toEqual([]);
  expect(reasons.filter(({ filledBy }) => filledBy !== undefined && !faults.includes(filledBy))).toEqual([]);
});

describe.each(all.map((dashboard) => [dashboard.title ?? '', dashboard] as const))('%s', (_title, dashboard) => {
  const panels = panelsOf(dashboard);

  test('keeps to the rules of the linter', () => {
    expect(lint(dashboard)).toEqual([]);
  });

  test('is of the schema that Grafana provisions from files, and looks like the others', () => {
    expect(dashboard).toMatchObject({
      schemaVersion: 42,
      editable: false,
      graphTooltip: 1,
      refresh: '30s',
      time: { from: 'now-1h', to: 'now' },
      tags: ['tintype'],
    });
    expect(dashboard.templating?.list?.map(({ name }) => name)).toEqual(['datasource', 'namespace', 'job', 'pod']);
  });

  test('links to the other dashboards and to the runbooks', () => {
    expect(dashboard.links).toEqual([
      expect.objectContaining({ type: 'dashboards', tags: ['tintype'], asDropdown: true, includeVars: true, keepTime: true }),
      expect.objectContaining({ title: 'Runbooks', url: expect.stringMatching(/\/docs\/runbooks\/README\.md$/) as string }),
    ]);
    const others = JSON.stringify(dashboard).matchAll(/"\/d\/([\w-]+)\?/g);
    for (const [, uid] of others) expect(all.map((each) => each.uid).filter((each) => each !== dashboard.uid)).toContain(uid);
  });

  test('marks deploys and alerts', () => {
    const marks = (dashboard.annotations?.list ?? []).map(({ name, enable, target }) => [
      name,
      enable,
      (target as { expr?: string } | undefined)?.expr,
    ]);
    expect(marks).toEqual([
      [
        'Deploys',
        true,
        expect.stringMatching(/^count by \(component, version\) \(app_build_info\{[^]*\nunless on .*offset 5m\)$/),
      ],
      ['Alerts', true, 'ALERTS{namespace="$namespace",alertname=~"Tintype.+",alertstate="firing"}'],
    ]);
  });

  test.each(panels.map((panel) => [panel.title ?? '', panel] as const))('tells what %s shows', (_panel, panel) => {
    expect(panel.title).toMatch(/^[A-Z]/);
    expect(panel.description).toMatch(/^[A-Z`][^]+\.\n\nNormal: [^]+\.(\n\nWatched by [^]+\.)?$/);
    const linked = (panel.links ?? []).filter(({ url }) => url?.endsWith('.md'));
    for (const { url = '' } of linked) expect(panel.description).toContain(/\/(\w+)\.md$/.exec(url)?.[1]);
    expect(panel.description?.includes('Watched by')).toBe(linked.length > 0);
  });

  test('yields its queries ready to run', () => {
    const values = { namespace: 'pictures', rateInterval: '1m', range: '15m' };
    const queries = panelQueries(JSON.parse(JSON.stringify(dashboard)) as Dashboard, values);
    expect(queries).toHaveLength(panels.flatMap(targetsOf).length);
    for (const { expr } of queries) {
      expect(expr).not.toContain('$');
      expect(expr).toContain('namespace="pictures"');
    }
  });
});

test('queries come with why they may be empty', () => {
  const queries = panelQueries(all[0]!, { namespace: 'pictures', rateInterval: '1m', range: '15m' });
  expect(queries).toContainEqual({
    panel: 'Unfinished jobs',
    refId: 'A',
    expr: 'max by (status) (jobs_unfinished{namespace="pictures",job="tintype-api"})',
  });
  expect(queries).toContainEqual(
    expect.objectContaining({
      panel: 'Alerts that fire',
      mayBeEmpty: { why: 'No alert fires.', filledBy: 'no-worker' },
    }),
  );
});

function watchedOn({ rows }: (typeof dashboardDeclarations)[number]) {
  return rows.flatMap(({ panels }) => panels.flatMap(({ watchedBy = [] }) => watchedBy));
}

/** The names before the braces of selectors: of metrics, and of what rules record. */
function namesIn(expr: string): string[] {
  return Array.from(expr.matchAll(/([\w:]+)\{/g), ([, name = '']) => name);
}
