/** How Grafana stores each kind of panel: all in the same style. */
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellDisplayMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTextDisplayOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardLink,
  DashboardLinkType,
  type Panel as GrafanaPanel,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  HeatmapTooltipBuilder,
  PanelBuilder as HeatmapBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { OpsPerSecond, RequestsPerSecond, Short } from '@grafana/grafana-foundation-sdk/units';
import type { BarGauge, Heatmap, Panel, Query, Stat, Table, Thresholds, TimeSeries } from './panels.js';
import { runbookOf } from './runbooks.js';
import type { Place } from './series.js';

/** Whichever the variable of this name picks. */
export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** A panel without its place on the grid. */
export function grafanaPanel(panel: Panel, place: Place): GrafanaPanel {
  const { kind, title, unit, width = 8 } = panel;
  const builder = builderOf(panel)
    .title(title)
    .description(descriptionOf(panel))
    .datasource(datasource)
    .unit(unit)
    .height(kind === 'stat' && !panel.tall ? 4 : 8)
    .span(width)
    .links(linksOf(panel).map((link) => ({ build: () => link })));
  const reasons = panel.queries.map(({ mayBeEmpty }) => mayBeEmpty?.why);
  // Grafana shows it in the place of "No data".
  if (!reasons.includes(undefined)) builder.noValue([...new Set(reasons)].join(' '));
  for (const [index, each] of panel.queries.entries()) builder.withTarget(target(each, kind, index, place));
  const built = builder.build();
  // The SDK gives every table one, as Grafana 11 had it.
  delete (built.options as { footer?: unknown }).footer;
  return built;
}

function builderOf(panel: Panel) {
  switch (panel.kind) {
    case 'time series':
      return timeSeries(panel);
    case 'stat':
      return stat(panel);
    case 'bar gauge':
      return barGauge(panel);
    case 'heatmap':
      return heatmap(panel);
    case 'table':
      return table(panel);
  }
}

function descriptionOf({ shows, normal, watchedBy = [] }: Panel): string {
  const alerts = watchedBy.length > 0 ? [`Watched by ${listOf(watchedBy)}.`] : [];
  return [shows, `Normal: ${normal}`, ...alerts].join('\n\n');
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

export function linkTo(title: string, url: string, targetBlank: boolean): DashboardLink {
  const kept = { includeVars: false, keepTime: false, asDropdown: false, tags: [], icon: 'external link', tooltip: title };
  return { title, type: DashboardLinkType.Link, url, targetBlank, ...kept };
}

function linksOf({ watchedBy = [], more }: Panel): DashboardLink[] {
  const runbooks = watchedBy.map((alert) => linkTo(`Runbook of ${alert}`, runbookOf(alert), true));
  if (more === undefined) return runbooks;
  return [linkTo('More about it', `/d/${more}?\${__url_time_range}&\${__all_variables}`, false), ...runbooks];
}

function target({ expr, legend, exemplars }: Query, kind: Panel['kind'], index: number, place: Place): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .datasource(datasource)
    .refId(refIdOf(index))
    .expr(expr.print(place))
    .legendFormat(legend);
  if (kind === 'table') return builder.instant().format(PromQueryFormat.Table);
  if (kind === 'bar gauge') return builder.instant();
  if (kind === 'heatmap') builder.format(PromQueryFormat.Heatmap);
  return builder.range().exemplar(exemplars === true);
}

/** A, B, C … */
export function refIdOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function timeSeries({ unit, stacked = false, thresholds, max }: TimeSeries): TimeSeriesBuilder {
  const builder = new TimeSeriesBuilder()
    .min(0)
    .lineWidth(1)
    .fillOpacity(stacked ? 30 : 8)
    // Where there is nothing before and after a value, there is no line.
    .showPoints(VisibilityMode.Auto)
    .pointSize(4)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (max !== undefined) builder.max(max);
  // Without it, the axis of something that never happens ends at 100.
  if (unit === Short) builder.axisSoftMax(1);
  if (unit === OpsPerSecond || unit === RequestsPerSecond) builder.axisSoftMax(0.1);
  if (stacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (thresholds) {
    builder
      .thresholds(thresholdsOf(thresholds))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return builder;
}

function stat({ thresholds = {}, words }: Stat): StatBuilder {
  const builder = new StatBuilder()
    .thresholds(thresholdsOf(thresholds))
    .colorMode(words ? BigValueColorMode.Background : BigValueColorMode.Value)
    .graphMode(words ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .reduceOptions(lastOfEach());
  if (words) builder.mappings([{ type: MappingType.ValueToText, options: words }]);
  return builder;
}

function barGauge({ thresholds = {}, max }: BarGauge): BarGaugeBuilder {
  const builder = new BarGaugeBuilder()
    .min(0)
    .thresholds(thresholdsOf(thresholds))
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .text(new VizTextDisplayOptionsBuilder().titleSize(14).valueSize(18))
    .reduceOptions(lastOfEach());
  if (max !== undefined) builder.max(max);
  return builder;
}

function heatmap({ unit }: Heatmap): HeatmapBuilder {
  return new HeatmapBuilder()
    .calculate(false)
    .yAxis(new YAxisConfigBuilder().unit(unit))
    .showValue(VisibilityMode.Never)
    .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(true))
    .showLegend()
    .maxDataPoints(120);
}

/** One frame for each query, joined by the labels; a column of figures is then called "Value #A". */
function table({ queries, labels, units = {}, thresholds = {} }: Table): TableBuilder {
  const columns = queries.map(
    ({ legend }, index) => [queries.length > 1 ? `Value #${refIdOf(index)}` : 'Value', legend] as const,
  );
  const order = [...labels, ...columns.map(([column]) => column)];
  const builder = new TableBuilder()
    .cellOptions({ type: TableCellDisplayMode.Auto })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'filterFieldsByName', options: { include: { names: order } } })
    .withTransformation({
      id: 'organize',
      options: {
        indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
        renameByName: Object.fromEntries(columns),
      },
    });
  for (const [, legend] of columns) {
    const limits = thresholds[legend];
    builder.overrideByName(legend, [
      ...(units[legend] === undefined ? [] : [{ id: 'unit', value: units[legend] }]),
      ...(limits === undefined
        ? []
        : [
            { id: 'thresholds', value: thresholdsOf(limits).build() },
            { id: 'custom.cellOptions', value: { type: 'color-text' } },
          ]),
    ]);
  }
  return builder;
}

function lastOfEach(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false);
}

function thresholdsOf({ orange, red, worse = 'above' }: Thresholds): ThresholdsConfigBuilder {
  const steps = (...colored: readonly (readonly [value: number | null | undefined, color: string])[]) =>
    colored.flatMap(([value, color]) => (value === undefined ? [] : [{ value, color }]));
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(
      worse === 'above'
        ? steps([null, 'green'], [orange, 'orange'], [red, 'red'])
        : steps([null, red === undefined ? 'orange' : 'red'], [red, 'orange'], [orange, 'green']),
    );
}
