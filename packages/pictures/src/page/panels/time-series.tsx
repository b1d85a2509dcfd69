import { useMemo } from 'react';
import { type DataFrame, FieldType } from '@grafana/data';
import { TimeSeries } from '@grafana/ui';
import type { Options } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import { EventLines } from './event-lines.js';
import type { PanelBodyProps } from './panel-body.js';

/** Grafana's panel draws no line to a figure that is none. */
function drawable(frame: DataFrame): DataFrame {
  const finite = (value: unknown): unknown => (Number.isFinite(value) ? value : null);
  const fields = frame.fields.map((field) =>
    field.type === FieldType.number ? { ...field, values: field.values.map(finite) } : field,
  );
  return { ...frame, fields };
}

export function TimeSeriesBody({ panel, frames, width, height, range, theme, events }: PanelBodyProps) {
  const { legend } = panel.options as unknown as Options;
  const lines = useMemo(() => frames.map(drawable), [frames]);
  return (
    <TimeSeries frames={lines} width={width} height={height} timeRange={range} timeZone="utc" legend={legend}>
      {(builder) => <EventLines builder={builder} events={events} theme={theme} />}
    </TimeSeries>
  );
}
