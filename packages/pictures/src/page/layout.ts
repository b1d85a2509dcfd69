/** Where panels are, in pixels, as Grafana's grid has it. */
import type { Dashboard, Panel, RowPanel } from '@grafana/schema';

/** Pixels of the picture. */
export const pageWidth = 1440;

/** Pixels above the panels. */
export const headHeight = 112;

const margin = 16;
const gap = 8;
const columns = 24;
const unitHeight = 30;
const unitWidth = (pageWidth - 2 * margin - (columns - 1) * gap) / columns;

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Below the head of the page. */
export function boxOf({ title, gridPos }: Panel | RowPanel): Box {
  if (!gridPos) throw new Error(`The panel ${title} has no place`);
  const { x, y, w, h } = gridPos;
  return {
    left: margin + x * (unitWidth + gap),
    top: y * (unitHeight + gap),
    width: w * unitWidth + (w - 1) * gap,
    height: h * unitHeight + (h - 1) * gap,
  };
}

/** Pixels within which a whole dashboard can be seen. */
export function pageHeight({ panels = [] }: Dashboard): number {
  return headHeight + panelsHeight(panels) + margin;
}

/** Pixels within which the first rows of a dashboard can be seen whole, at most `limit`. */
export function heightOfFirstRows({ panels = [] }: Dashboard, limit: number): number {
  const ends = panels.filter(isRow).map((row) => headHeight + boxOf(row).top);
  return Math.max(...ends.filter((end) => end <= limit));
}

export function panelsHeight(panels: readonly (Panel | RowPanel)[]): number {
  return Math.max(0, ...panels.map(boxOf).map(({ top, height }) => top + height));
}

export function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === 'row';
}
