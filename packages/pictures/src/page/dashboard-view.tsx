import { Icon, useTheme2 } from '@grafana/ui';
import type { TimeRange } from '@grafana/data';
import type { Dashboard, Panel, RowPanel } from '@grafana/schema';
import type { Event } from './annotations.js';
import { Head } from './head.js';
import { boxOf, isRow, pageHeight, pageWidth, panelsHeight } from './layout.js';
import type { PanelData } from './panel-data.js';
import { PanelView } from './panel-view.js';
import type { Variable } from './variables.js';

interface Props {
  readonly dashboard: Dashboard;
  readonly variables: readonly Variable[];
  readonly events: readonly Event[];
  readonly panels: readonly PanelData[];
  readonly range: TimeRange;
  /** Called when a panel cannot be drawn. */
  readonly onError: (panel: Panel, error: Error) => void;
}

export function DashboardView({ dashboard, variables, events, panels, range, onError }: Props) {
  const theme = useTheme2();
  const all = dashboard.panels ?? [];
  return (
    <div style={{ width: pageWidth, height: pageHeight(dashboard), background: theme.colors.background.canvas }}>
      <Head dashboard={dashboard} variables={variables} range={range} />
      <div style={{ position: 'relative', height: panelsHeight(all) }}>
        {all.filter(isRow).map((row) => (
          <RowTitle key={row.id} row={row} />
        ))}
        {panels.map((data) => (
          <PanelView
            key={data.panel.id}
            data={data}
            range={range}
            events={events}
            onError={(error) => {
              onError(data.panel, error);
            }}
          />
        ))}
      </div>
    </div>
  );
}

function RowTitle({ row }: { readonly row: RowPanel }) {
  const { typography } = useTheme2();
  const style = {
    position: 'absolute',
    display: 'flex',
    alignItems: 'center',
    gap: 8,
    fontWeight: typography.fontWeightMedium,
  } as const;
  return (
    <div style={{ ...style, ...boxOf(row) }}>
      <Icon name="angle-down" /> {row.title}
    </div>
  );
}
