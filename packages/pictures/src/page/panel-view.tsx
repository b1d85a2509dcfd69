import type { ComponentType } from 'react';
import type { TimeRange } from '@grafana/data';
import { ErrorBoundary, PanelChrome, ToolbarButton, useTheme2 } from '@grafana/ui';
import type { Event } from './annotations.js';
import { configured } from './fields.js';
import { boxOf } from './layout.js';
import type { PanelData } from './panel-data.js';
import { BarGaugeBody } from './panels/bar-gauge.js';
import { HeatmapBody } from './panels/heatmap.js';
import type { PanelBodyProps } from './panels/panel-body.js';
import { StatBody } from './panels/stat.js';
import { TableBody } from './panels/table.js';
import { TimeSeriesBody } from './panels/time-series.js';

const bodies: Readonly<Record<string, ComponentType<PanelBodyProps>>> = {
  bargauge: BarGaugeBody,
  heatmap: HeatmapBody,
  stat: StatBody,
  table: TableBody,
  timeseries: TimeSeriesBody,
};

interface Props {
  readonly data: PanelData;
  readonly range: TimeRange;
  readonly events: readonly Event[];
  /** Called when it cannot be drawn. */
  readonly onError: (error: Error) => void;
}

export function PanelView({ data, range, events, onError }: Props) {
  const { panel, error } = data;
  const { width, height, ...position } = boxOf(panel);
  const links = panel.links?.length ? <ToolbarButton icon="external-link-alt" iconSize="md" aria-label="Links" /> : undefined;
  return (
    <div data-panel={panel.id} style={{ position: 'absolute', ...position }}>
      <PanelChrome
        title={panel.title ?? ''}
        description={panel.description ?? ''}
        titleItems={links}
        width={width}
        height={height}
        statusMessage={error}
      >
        {(innerWidth, innerHeight) => {
          const size = { width: innerWidth, height: innerHeight };
          return (
            <ErrorBoundary onError={onError}>
              {({ error: thrown }) =>
                (error ?? thrown) ? (
                  <Remark text="Error" {...size} />
                ) : (
                  <Content data={data} range={range} events={events} {...size} />
                )
              }
            </ErrorBoundary>
          );
        }}
      </PanelChrome>
    </div>
  );
}

interface ContentProps extends Omit<Props, 'onError'> {
  readonly width: number;
  readonly height: number;
}

function Content({ data: { panel, frames, queries }, width, height, range, events }: ContentProps) {
  const theme = useTheme2();
  const Body = bodies[panel.type];
  if (!Body) throw new Error(`A panel of the type ${panel.type} is not drawn here`);
  if (queries.every(({ series }) => series === 0)) {
    return <Remark text={panel.fieldConfig?.defaults.noValue ?? 'No data'} width={width} height={height} />;
  }
  const shown = configured(frames, panel, theme);
  return <Body panel={panel} frames={shown} width={width} height={height} range={range} theme={theme} events={events} />;
}

interface RemarkProps {
  readonly text: string;
  readonly width: number;
  readonly height: number;
}

function Remark({ text, width, height }: RemarkProps) {
  return <div style={{ width, height, display: 'grid', placeContent: 'center', textAlign: 'center' }}>{text}</div>;
}
