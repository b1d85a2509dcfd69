/** What stands above the panels: the title, the variables, the links to other dashboards and the time range. */
import { rangeUtil, type TimeRange } from '@grafana/data';
import type { Dashboard } from '@grafana/schema';
import { Icon, RefreshPicker, ToolbarButton, useTheme2 } from '@grafana/ui';
import { headHeight } from './layout.js';
import type { Variable } from './variables.js';

interface Props {
  readonly dashboard: Dashboard;
  readonly variables: readonly Variable[];
  readonly range: TimeRange;
}

export function Head({ dashboard, variables, range }: Props) {
  const theme = useTheme2();
  const line = { display: 'flex', gap: theme.spacing(1), alignItems: 'center' };
  return (
    <header style={{ height: headHeight, padding: theme.spacing(2), display: 'grid', gap: theme.spacing(1.5) }}>
      <div style={{ ...line, justifyContent: 'space-between' }}>
        <h1 style={{ ...theme.typography.h4, margin: 0 }}>{dashboard.title}</h1>
        <div style={line}>
          <ToolbarButton variant="canvas" icon="clock-nine" isOpen={false}>
            {rangeUtil.describeTimeRange(range.raw)}
          </ToolbarButton>
          <RefreshPicker value={dashboard.refresh ?? ''} onIntervalChanged={ignore} />
        </div>
      </div>
      <div style={{ ...line, justifyContent: 'space-between' }}>
        <div style={line}>
          {variables.map((variable) => (
            <VariableBox key={variable.name} variable={variable} />
          ))}
        </div>
        <div style={line}>
          {dashboard.links?.map(({ title, type }) => (
            <ToolbarButton key={title} variant="canvas" icon={type === 'dashboards' ? 'bars' : 'external-link-alt'}>
              {title}
            </ToolbarButton>
          ))}
        </div>
      </div>
    </header>
  );
}

function VariableBox({ variable }: { readonly variable: Variable }) {
  const { colors, components, spacing, typography } = useTheme2();
  const box = { padding: spacing(0.5, 1), border: `1px solid ${colors.border.medium}`, fontSize: typography.bodySmall.fontSize };
  return (
    <div style={{ display: 'flex' }}>
      <span style={{ ...box, background: colors.background.secondary, borderRight: 0, fontWeight: typography.fontWeightMedium }}>
        {variable.label}
      </span>
      <span style={{ ...box, background: components.input.background, minWidth: 90 }}>
        {variable.text} <Icon name="angle-down" size="sm" />
      </span>
    </div>
  );
}

/** Nobody clicks on a picture. */
function ignore(): void {}
