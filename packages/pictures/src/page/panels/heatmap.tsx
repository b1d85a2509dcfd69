/** Grafana keeps its heatmap to itself: this one is drawn into a plot of @grafana/ui, with the colours, axes and cells of Grafana's. */
import {
  interpolateBlues,
  interpolateGreens,
  interpolateGreys,
  interpolateOranges,
  interpolatePurples,
  interpolateReds,
} from 'd3-scale-chromatic';
import { useMemo } from 'react';
import { type DataFrame, formattedValueToString, getFieldDisplayName, getValueFormat, type GrafanaTheme2 } from '@grafana/data';
import { AxisPlacement, PointVisibility, ScaleDirection, ScaleOrientation, UPlotChart, UPlotConfigBuilder } from '@grafana/ui';
import {
  defaultOptions,
  HeatmapColorScale,
  type Options,
} from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type uPlot from 'uplot';
import type { PanelBodyProps } from './panel-body.js';

const legendHeight = 36;
const axisLabelHeight = 18;

export function HeatmapBody({ panel, frames, width, height, range, theme }: PanelBodyProps) {
  const options = { ...defaultOptions, ...panel.options } as Options;
  const rows = useMemo(() => frames.map((frame) => rowOf(frame, frames)), [frames]);
  const most = Math.max(...rows.flatMap(({ cells }) => cells.map(({ value }) => value)));
  const colorOf = colorsOf(options, most, theme);
  const plotHeight = height - (options.legend?.show ? legendHeight : 0);
  const times = [range.from.valueOf(), range.to.valueOf()];

  const builder = useMemo(() => {
    const plot = new UPlotConfigBuilder('utc');
    // Half of the last time's width.
    plot.setPadding([null, 24, null, null]);
    const labelEvery = Math.ceil((rows.length * axisLabelHeight) / plotHeight);
    plot.addScale({
      scaleKey: 'x',
      isTime: true,
      orientation: ScaleOrientation.Horizontal,
      direction: ScaleDirection.Right,
      range: () => [range.from.valueOf(), range.to.valueOf()],
    });
    plot.addAxis({ scaleKey: 'x', isTime: true, placement: AxisPlacement.Bottom, timeZone: 'utc', theme });
    plot.addScale({
      scaleKey: 'y',
      orientation: ScaleOrientation.Vertical,
      direction: ScaleDirection.Up,
      range: () => [0, rows.length],
    });
    plot.addAxis({
      scaleKey: 'y',
      placement: AxisPlacement.Left,
      theme,
      // An upper bound stands at the upper edge of its row.
      splits: () => rows.map((_, index) => index + 1).filter((edge) => (rows.length - edge) % labelEvery === 0),
      values: (_, edges) =>
        edges.map((edge) => boundText(rows[edge - 1]?.bound ?? '', options, panel.fieldConfig?.defaults.unit)),
    });
    plot.addSeries({ scaleKey: 'y', theme, pathBuilder: () => null, showPoints: PointVisibility.Never });
    plot.addHook('drawClear', (self) => drawCells(self, rows, colorOf, options.cellGap ?? 1));
    return plot;
  }, [rows, range, theme, plotHeight]);

  return (
    <div>
      <UPlotChart config={builder} data={[times, times.map(() => null)]} width={width} height={plotHeight} />
      {options.legend?.show && <ColorScale colorOf={colorOf} most={most} theme={theme} />}
    </div>
  );
}

interface HeatmapRow {
  /** `le` of the bucket. */
  readonly bound: string;
  readonly cells: readonly Cell[];
}

interface Cell {
  /** Milliseconds since 1970. A cell ends where its sample is. */
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

function rowOf(frame: DataFrame, frames: DataFrame[]): HeatmapRow {
  const [time, value] = frame.fields;
  if (!time || !value) throw new Error('A row of a heatmap needs times and values');
  const step = time.config.interval ?? 0;
  const cells = time.values.map((to: number, index) => ({ from: to - step, to, value: Number(value.values[index]) }));
  return { bound: getFieldDisplayName(value, frame, frames), cells: cells.filter((cell) => cell.value > 0) };
}

function boundText(bound: string, { yAxis }: Options, unit = 'short'): string {
  if (bound === '+Inf') return bound;
  return formattedValueToString(getValueFormat(yAxis?.unit ?? unit)(Number(bound), yAxis?.decimals));
}

const schemes: Readonly<Record<string, (share: number) => string>> = {
  Blues: interpolateBlues,
  Greens: interpolateGreens,
  Greys: interpolateGreys,
  Oranges: interpolateOranges,
  Purples: interpolatePurples,
  Reds: interpolateReds,
};

/** A colour for each figure from 0 to the highest, which stands out most from the background. */
function colorsOf({ color }: Options, most: number, theme: GrafanaTheme2): (value: number) => string {
  const scheme = schemes[color.scheme];
  if (!scheme) throw new Error(`The colour scheme ${color.scheme} is not drawn here`);
  const exponent = color.scale === HeatmapColorScale.Exponential ? color.exponent : 1;
  return (value) => {
    const share = Math.round((value / most) ** exponent * (color.steps - 1)) / (color.steps - 1);
    return scheme(color.reverse || theme.isDark ? 1 - share : share);
  };
}

function drawCells(plot: uPlot, rows: readonly HeatmapRow[], colorOf: (value: number) => string, gap: number): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [index, { cells }] of rows.entries()) {
    const top = plot.valToPos(index + 1, 'y', true);
    const rowHeight = plot.valToPos(index, 'y', true) - top - gap;
    for (const { from, to, value } of cells) {
      const left = plot.valToPos(from, 'x', true);
      ctx.fillStyle = colorOf(value);
      ctx.fillRect(left, top, Math.max(plot.valToPos(to, 'x', true) - left - gap, 1), rowHeight);
    }
  }
  ctx.restore();
}

interface ColorScaleProps {
  readonly colorOf: (value: number) => string;
  readonly most: number;
  readonly theme: GrafanaTheme2;
}

function ColorScale({ colorOf, most, theme }: ColorScaleProps) {
  const stops = Array.from({ length: 21 }, (_, index) => colorOf((index / 20) * most));
  const { fontSize } = theme.typography.bodySmall;
  return (
    <div style={{ width: 220, margin: '4px 0 0 44px', fontSize, color: theme.colors.text.secondary }}>
      <div style={{ height: 8, borderRadius: 2, background: `linear-gradient(to right, ${stops.join(', ')})` }} />
      <div style={{ display: 'flex', justifyContent: 'space-between' }}>
        <span>0</span>
        <span>{formattedValueToString(getValueFormat('short')(most))}</span>
      </div>
    </div>
  );
}
