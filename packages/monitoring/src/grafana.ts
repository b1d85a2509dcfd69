/** A dashboard in the schema that Grafana 11 reads as well as its successors do, and that may be provisioned from a file. */
import {
  type AnnotationQuery,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkType,
  RowBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
  VariableType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { metrics } from '@tintype/metrics';
import { alertsNow } from './external.js';
import { datasource, grafanaPanel, linkTo } from './grafana-panels.js';
import type { DashboardDeclaration } from './panels.js';
import { jobs } from './places.js';
import { value, valueBefore } from './read.js';
import { publicRunbooks, runbookOf } from './runbooks.js';
import { like, type Place } from './series.js';
import type { Vector } from './vector.js';

const tag = 'tintype';
const info = metrics.buildInfo.name;
const ours = `job=~"${jobs.api}|${jobs.worker}"`;

export function dashboardOf({ uid, title, description, rows }: DashboardDeclaration, place: Place): Dashboard {
  const builder = new DashboardBuilder(`Tintype / ${title}`)
    .uid(uid)
    .description(description)
    .tags([tag])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .variables(variables.map(built))
    .annotations([deploys(place), alerts(place)].map(built))
    .links([dashboardLinks, linkTo('Runbooks', `${publicRunbooks}/README.md`, true)].map(built));
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(idOf(`row ${row.title}`)));
    for (const panel of row.panels) builder.withPanel(built({ ...grafanaPanel(panel, place), id: idOf(panel.title) }));
  }
  return builder.build();
}

function built<T>(object: T): { build: () => T } {
  return { build: () => object };
}

/** Links to a panel have its id, so it depends on nothing but the title (FNV-1a). */
export function idOf(title: string): number {
  const hash = [...title].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return 10_000 + ((hash >>> 0) % 90_000);
}

// The builders of the SDK write fields of other kinds of variables, and links into a menu that Grafana 11 does not have.
const dataSources: VariableModel = {
  type: VariableType.Datasource,
  name: 'datasource',
  label: 'Data source',
  query: 'prometheus',
};

/** The values of a label that is called like the variable. */
function choice(name: string, label: string, selector: string): VariableModel {
  const definition = `label_values(${selector}, ${name})`;
  return {
    type: VariableType.Query,
    name,
    label,
    datasource,
    query: { qryType: 1, query: definition, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    definition,
    refresh: VariableRefresh.OnTimeRangeChanged,
    sort: VariableSort.AlphabeticalAsc,
  };
}

function choices(name: string, label: string, selector: string): VariableModel {
  return {
    ...choice(name, label, selector),
    multi: true,
    includeAll: true,
    allValue: '.+',
    current: { selected: true, text: 'All', value: '$__all' },
  };
}

const variables = [
  dataSources,
  choice('namespace', 'Namespace', `${info}{${ours}}`),
  choices('job', 'Job', `${info}{namespace="$namespace",${ours}}`),
  choices('pod', 'Pod', `${info}{namespace="$namespace",${ours},job=~"$job"}`),
];

/** The other dashboards, with the same time range and the same choices. */
const dashboardLinks: DashboardLink = {
  ...linkTo('Tintype', '', false),
  type: DashboardLinkType.Dashboards,
  tags: [tag],
  asDropdown: true,
  includeVars: true,
  keepTime: true,
  icon: 'dashboard',
};

function deploys(place: Place): AnnotationQuery {
  const versions = value(metrics.buildInfo).countBy('component', 'version');
  const before = valueBefore(metrics.buildInfo, '5m').countBy('component', 'version');
  return annotation('Deploys', 'blue', versions.unless(before, 'component', 'version'), place, {
    titleFormat: '{{component}} {{version}}',
    textFormat: 'A version that did not run five minutes before.',
    tagKeys: 'component,version',
  });
}

/** Those of Tintype: others may be about the same namespace. */
export const firing = value(alertsNow, { alertname: like('Tintype.+'), alertstate: 'firing' });

function alerts(place: Place): AnnotationQuery {
  return annotation('Alerts', 'red', firing, place, {
    titleFormat: '{{alertname}}',
    textFormat: `<a href="${runbookOf('{{alertname}}')}" target="_blank">Runbook</a>`,
    tagKeys: 'severity',
  });
}

function annotation(
  name: string,
  iconColor: string,
  expr: Pick<Vector<string>, 'print'>,
  place: Place,
  formats: Pick<AnnotationQuery, 'titleFormat' | 'textFormat' | 'tagKeys'>,
): AnnotationQuery {
  const target = new DataqueryBuilder().datasource(datasource).refId('Anno').expr(expr.print(place)).range().build();
  return { name, datasource, enable: true, iconColor, target, ...formats };
}
