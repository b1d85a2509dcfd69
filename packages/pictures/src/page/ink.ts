/** Whether a panel that has figures shows them: the last thing to go wrong, and silently. */
import { colorManipulator, type DataFrame, FieldType, getFieldSeriesColor, type GrafanaTheme2 } from '@grafana/data';
import { configured } from './fields.js';
import type { PanelData } from './panel-data.js';

export function isVisible({ panel, frames }: PanelData, theme: GrafanaTheme2): boolean {
  const content = document.querySelector(`[data-panel="${panel.id}"] [data-testid="data-testid panel content"]`);
  const canvas = content?.querySelector('canvas');
  if (panel.type === 'timeseries') return hasPixel(canvas, isOneOf(seriesColors(configured(frames, panel, theme), theme)));
  if (panel.type === 'heatmap') return hasPixel(canvas, isColorful);
  return content?.textContent.trim() !== '';
}

type Color = readonly number[];

function seriesColors(frames: readonly DataFrame[], theme: GrafanaTheme2): Color[] {
  const fields = frames.flatMap((frame) => frame.fields).filter(({ type }) => type === FieldType.number);
  return fields.map((field) => colorManipulator.decomposeColor(getFieldSeriesColor(field, theme).color).values);
}

function hasPixel(canvas: HTMLCanvasElement | null | undefined, is: (color: Color) => boolean): boolean {
  const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  for (let start = 0; start < pixels.length; start += 4) {
    if (is([pixels[start] ?? 0, pixels[start + 1] ?? 0, pixels[start + 2] ?? 0])) return true;
  }
  return false;
}

/** Lines are thin, and mixed with what is below them. */
const tolerance = 40;

function isOneOf(wanted: readonly Color[]): (color: Color) => boolean {
  return (color) => wanted.some((each) => color.every((value, channel) => Math.abs(value - (each[channel] ?? 0)) < tolerance));
}

/** Axes and grids are grey. */
function isColorful(color: Color): boolean {
  return Math.max(...color) - Math.min(...color) > 2 * tolerance;
}
