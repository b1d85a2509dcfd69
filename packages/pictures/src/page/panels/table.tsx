import { cacheFieldDisplayNames } from '@grafana/data';
import type { TableSortByFieldState } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { TableCellHeight } from '@grafana/schema';
import type { Options } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { PanelBodyProps } from './panel-body.js';

export function TableBody({ panel, frames, width, height, range }: PanelBodyProps) {
  const { frameIndex = 0, cellHeight = TableCellHeight.Sm, showHeader = true, sortBy = [] } = panel.options as Partial<Options>;
  const frame = frames[frameIndex] ?? frames[0];
  if (!frame) throw new Error('There is no frame to draw as a table');
  cacheFieldDisplayNames([frame]);
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      noHeader={!showHeader}
      cellHeight={cellHeight}
      sortBy={sortBy as TableSortByFieldState[]}
      timeRange={range}
      structureRev={1}
    />
  );
}
