/** A dashboard as it is declared, and as Grafana reads it: every panel in the same style. */
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Place } from './series.js';
import type { Vector } from './vector.js';

export interface DashboardDeclaration {
  /** In its address; it must never change. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

/** A choice of the values of a label. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** `label_values(…)` */
  readonly query: string;
  /** Whether several values may be chosen, and are at first. */
  readonly multiple?: boolean;
}

export interface Row {
  readonly title: string;
  /** From left to right; a line is 24 wide. */
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly title: string;
  readonly description: string;
  /** As Grafana calls it: `s`, `bytes`, `percentunit` … */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** 8 unless it says otherwise. */
  readonly width?: number;
  readonly stacked?: boolean;
  /** The figure above which the colour is a warning, and above which it is an alarm. */
  readonly thresholds?: { readonly orange?: number; readonly red?: number };
  readonly max?: number;
}

export interface Query {
  readonly expr: Pick<Vector<string>, 'print'>;
  readonly legend: string;
  /** Why it may have no result although everything is well. */
  readonly mayBeEmpty?: string;
}

type LabelsIn<Legend extends string> = Legend extends `${string}{{${infer Name}}}${infer Rest}` ? Name | LabelsIn<Rest> : never;

/** A query whose legend names only labels that it has. */
export function query<L extends string, const Legend extends string>(
  expr: Vector<L>,
  legend: Legend & ([LabelsIn<Legend>] extends [L] ? unknown : never),
  mayBeEmpty?: string,
): Query {
  return { expr, legend, ...(mayBeEmpty !== undefined && { mayBeEmpty }) };
}

const datasource = { type: 'prometheus', uid: '${datasource}' };

/** In the schema that Grafana 11 reads as well as its successors do, and that may be provisioned from a file. */
export function dashboardOf(declaration: DashboardDeclaration, place: Place): Dashboard {
  const builder = new DashboardBuilder(declaration.title)
    .uid(declaration.uid)
    .description(declaration.description)
    .tags(['tintype'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .annotations([])
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const variable of declaration.variables) builder.withVariable(variableBuilder(variable));
  for (const [index, { title, panels }] of declaration.rows.entries()) {
    // The ids of a row's panels stay the same whatever happens in other rows: links to panels have them.
    const first = (index + 1) * 100;
    builder.withRow(new RowBuilder(title).id(first));
    for (const [position, panel] of panels.entries()) builder.withPanel(panelBuilder(panel, place).id(first + position + 1));
  }
  return builder.build();
}

function variableBuilder({ name, label, query: definition, multiple = false }: Variable): QueryVariableBuilder {
  const builder = new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ qryType: 1, query: definition, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(definition)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
  if (!multiple) return builder;
  return builder.multi(true).includeAll(true).allValue('.+').current({ selected: true, text: 'All', value: '$__all' });
}

function panelBuilder(panel: Panel, place: Place): PanelBuilder {
  const { title, description, unit, queries, width = 8, stacked = false, thresholds, max } = panel;
  const builder = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit(unit)
    .min(0)
    .height(8)
    .span(width)
    .lineWidth(1)
    .fillOpacity(stacked ? 30 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (max !== undefined) builder.max(max);
  if (stacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (thresholds) {
    const { orange, red } = thresholds;
    const limits = [
      { value: null, color: 'green' },
      ...(orange === undefined ? [] : [{ value: orange, color: 'orange' }]),
      ...(red === undefined ? [] : [{ value: red, color: 'red' }]),
    ];
    builder
      .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(limits))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  for (const [index, { expr, legend }] of queries.entries()) {
    builder.withTarget(
      new DataqueryBuilder().datasource(datasource).refId(refIdOf(index)).expr(expr.print(place)).legendFormat(legend).range(),
    );
  }
  return builder;
}

/** A, B, C … */
export function refIdOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

/** p50, p95 and p99. */
export function quantiles(of: (q: number) => Vector<never>, mayBeEmpty: string) {
  return [0.5, 0.95, 0.99].map((q) => query(of(q), `p${q * 100}`, mayBeEmpty));
}
