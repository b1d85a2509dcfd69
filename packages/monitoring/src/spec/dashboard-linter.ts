/**
 * What a dashboard must keep to: the rules of Grafana's dashboard-linter, by its names, as far as they concern Prometheus, and some
 * of ours. `template-instance` and `target-instance` are left out: pods come and go, and the variable `pod` picks them.
 */
import type { Dashboard, Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { type Metric, metrics } from '@tintype/metrics';
import { externalSeries } from '../external.js';
import type { Series } from '../series.js';
import { parse, type SelectorText } from './promql.js';

export interface Problem {
  readonly rule: string;
  readonly what: string;
}

export function lint(dashboard: Dashboard): Problem[] {
  return Object.entries(rules).flatMap(([rule, check]) => check(dashboard).map((what) => ({ rule, what })));
}

interface Target {
  readonly refId?: string;
  readonly expr?: string;
  readonly legendFormat?: string;
}

export const rules = {
  'template-datasource': (dashboard) => {
    const [first] = variablesOf(dashboard);
    const right = first?.type === 'datasource' && first.name === 'datasource' && first.query === 'prometheus';
    return right ? [] : ['the first variable is not the data source'];
  },
  'template-job': (dashboard) => {
    const job = variablesOf(dashboard).find(({ name }) => name === 'job');
    const right = job?.type === 'query' && job.label === 'Job' && job.multi && job.includeAll && job.allValue === '.+';
    return right && isTemplated(job.datasource) ? [] : ['there is no variable of jobs, of which several or all can be chosen'];
  },
  'template-label-promql': (dashboard) =>
    queriesOf(dashboard).flatMap(({ name, definition }) => {
      const [, selector, label] = /^label_values\(([^]+), (\w+)\)$/.exec(definition) ?? [];
      return label === name && selector !== undefined && parse(selector).valid ? [] : [`${name}: ${definition}`];
    }),
  'template-on-time-change-reload': (dashboard) =>
    queriesOf(dashboard).flatMap(({ name, refresh }) => (refresh === 2 ? [] : [`${name} is not read again`])),
  'panel-datasource': (dashboard) =>
    panelsOf(dashboard).flatMap(({ title, datasource }) => (isTemplated(datasource) ? [] : [`${title}: not the variable`])),
  'panel-title-description': (dashboard) =>
    panelsOf(dashboard).flatMap(({ title, description }) =>
      title && description ? [] : [`${title ?? ''}: ${description ?? ''}`],
    ),
  'panel-units': (dashboard) =>
    panelsOf(dashboard).flatMap(({ title, fieldConfig }) => {
      const overridden = (fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
        properties.flatMap(({ id, value }) => (id === 'unit' ? [value as unknown] : [])),
      );
      const wrong = [fieldConfig?.defaults.unit, ...overridden].filter((unit) => !known.has(unit));
      return wrong.map((unit) => `${title}: ${String(unit)}`);
    }),
  'panel-no-targets': (dashboard) =>
    panelsOf(dashboard).flatMap((panel) => (targetsOf(panel).length > 0 ? [] : [`${panel.title} asks for nothing`])),
  'target-promql': (dashboard) =>
    allTargets(dashboard).flatMap(({ where, expr }) => (parse(expr).valid ? [] : [`${where}: ${expr}`])),
  'target-rate-interval': (dashboard) =>
    selectorsOf(dashboard).flatMap(({ where, range }) =>
      range === undefined || range === '$__rate_interval' || range === '$__range' ? [] : [`${where}: ${range}`],
    ),
  'target-job': (dashboard) =>
    selectorsOf(dashboard).flatMap((selector) => {
      const { scope, owner } = seriesOf(selector) ?? {};
      if (owner === undefined || owner === 'cluster' || owner === 'rules') return [];
      const exporter =
        owner === 'both' ? /^job=(~"tintype-api\|tintype-worker"|"tintype-(api|worker)")$/ : `job="tintype-${owner}"`;
      const wanted = [exporter, ...(scope === 'shared' ? [] : ['job=~"$job"'])];
      return wanted.flatMap((matcher) => (has(selector, matcher) ? [] : [`${selector.where}: no ${String(matcher)}`]));
    }),
  'target-counter-agg': (dashboard) =>
    selectorsOf(dashboard).flatMap(({ where, metric, call = '' }) =>
      !/_(total|bucket|sum|count)$/.test(metric) || /^(rate|irate|increase)$/.test(call) ? [] : [`${where}: ${metric}`],
    ),
  'uneditable-dashboard': ({ editable }) => (editable === false ? [] : ['can be edited, and the change is lost']),

  namespace: (dashboard) =>
    selectorsOf(dashboard).flatMap((selector) =>
      has(selector, 'namespace="$namespace"') ? [] : [`${selector.where}: ${selector.metric} of all namespaces`],
    ),
  pod: (dashboard) =>
    selectorsOf(dashboard).flatMap((selector) => {
      const { scope, owner } = seriesOf(selector) ?? {};
      const picked = scope === 'instance' && owner !== 'rules';
      return has(selector, 'pod=~"$pod"') === picked ? [] : [`${selector.where}: ${selector.metric} by pod`];
    }),
  metric: (dashboard) =>
    selectorsOf(dashboard).flatMap((selector) =>
      selector.metric.includes(':') || seriesOf(selector) ? [] : [`${selector.where}: nobody exports ${selector.metric}`],
    ),
  'legend-labels': (dashboard) =>
    panelsOf(dashboard).flatMap((panel) =>
      targetsOf(panel).flatMap(({ expr = '', legendFormat = '' }) => {
        const { labels } = parse(expr);
        const named = Array.from(legendFormat.matchAll(/\{\{(\w+)\}\}/g), ([, label = '']) => label);
        if (legendFormat === '') return [`${panel.title}: no legend`];
        return named.flatMap((label) => (labels?.includes(label) ? [] : [`${panel.title}: no label ${label}`]));
      }),
    ),
  'legend-tells-apart': (dashboard) =>
    panelsOf(dashboard).flatMap((panel) =>
      targetsOf(panel).flatMap(({ expr = '', legendFormat = '' }) => {
        const hidden = (parse(expr).labels ?? ['all']).filter((label) => !legendFormat.includes(`{{${label}}}`));
        return panel.type === 'table' ? [] : hidden.map((label) => `${panel.title}: series differ by ${label} alone`);
      }),
    ),
  'unique-ids': ({ panels = [] }) => repeated(panels.map(({ id }) => id)).map((id) => `several have the id ${String(id)}`),
  'unique-titles': (dashboard) =>
    repeated(panelsOf(dashboard).map(({ title }) => title)).map((title) => `several are called ${title}`),
  'unique-ref-ids': (dashboard) =>
    panelsOf(dashboard).flatMap((panel) =>
      repeated(targetsOf(panel).map(({ refId }) => refId)).map((refId) => `${panel.title}: several ${refId}`),
    ),
  grid: ({ panels = [] }) => {
    const cells = panels.flatMap(({ gridPos: at }) =>
      at
        ? Array.from({ length: at.w * at.h }, (_cell, cell) => ({ x: at.x + (cell % at.w), y: at.y + Math.floor(cell / at.w) }))
        : [],
    );
    const height = Math.max(0, ...cells.map(({ y }) => y + 1));
    const covered = new Set(cells.map(({ x, y }) => `${x}/${y}`)).size;
    return [
      ...(cells.some(({ x }) => x >= 24) ? ['a panel stands off the grid'] : []),
      ...(covered < cells.length ? ['a panel lies on another'] : []),
      ...(covered < 24 * height ? ['there is a hole'] : []),
    ];
  },
  'no-fixed-datasource': (dashboard) => {
    const found: unknown[] = [];
    JSON.stringify(dashboard, (key, value: unknown) => {
      if (key === 'datasource') found.push(value);
      return value;
    });
    return found.every(isTemplated) ? [] : ['something names a data source'];
  },
  'no-id': ({ id }) => (id === undefined || id === null ? [] : ['the database of a Grafana gives it its id']),
  // What `kubectl apply` may keep in an annotation.
  'config-map-size': (dashboard) => {
    const size = Buffer.byteLength(JSON.stringify(dashboard, undefined, 2));
    return size < 256 * 1024 ? [] : [`${size} bytes`];
  },
} as const satisfies Readonly<Record<string, (dashboard: Dashboard) => string[]>>;

const known = new Set<unknown>(Object.values(units));

const exported = new Map<string, Pick<Series, 'owner' | 'scope'>>(
  [...externalSeries, ...(Object.values(metrics) as readonly Metric[])].map((series) => [series.name, series]),
);

function seriesOf({ metric }: SelectorText): Pick<Series, 'owner' | 'scope'> | undefined {
  return exported.get(metric) ?? exported.get(metric.replace(/_(bucket|sum|count)$/, ''));
}

function has({ matchers }: SelectorText, wanted: string | RegExp): boolean {
  return matchers.some(({ text }) => (typeof wanted === 'string' ? text === wanted : wanted.test(text)));
}

function isTemplated(datasource: unknown): boolean {
  return JSON.stringify(datasource) === '{"type":"prometheus","uid":"${datasource}"}';
}

function variablesOf({ templating }: Dashboard): VariableModel[] {
  return templating?.list ?? [];
}

function queriesOf(dashboard: Dashboard) {
  return variablesOf(dashboard).flatMap(({ type, name, refresh, definition = '' }) =>
    type === 'query' ? [{ name, refresh, definition }] : [],
  );
}

export function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.filter((panel): panel is Panel => panel.type !== 'row');
}

export function targetsOf({ targets = [] }: Panel): Target[] {
  return targets as Target[];
}

function allTargets(dashboard: Dashboard): { readonly where: string; readonly expr: string }[] {
  const ofPanels = panelsOf(dashboard).flatMap((panel) =>
    targetsOf(panel).map(({ refId = '', expr = '' }) => ({ where: `${panel.title ?? ''} ${refId}`, expr })),
  );
  const ofAnnotations = (dashboard.annotations?.list ?? []).map(({ name, target }) => ({
    where: name,
    expr: (target as Target | undefined)?.expr ?? '',
  }));
  return [...ofPanels, ...ofAnnotations];
}

function selectorsOf(dashboard: Dashboard): (SelectorText & { readonly where: string })[] {
  return allTargets(dashboard).flatMap(({ where, expr }) => parse(expr).selectors.map((selector) => ({ ...selector, where })));
}

function repeated<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => value === undefined || values.indexOf(value) !== index))];
}
