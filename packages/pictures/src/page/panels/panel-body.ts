import type { DataFrame, GrafanaTheme2, TimeRange } from '@grafana/data';
import type { Panel } from '@grafana/schema';
import type { Event } from '../annotations.js';

/** What every kind of panel is given. Sizes are pixels. */
export interface PanelBodyProps {
  readonly panel: Panel;
  /** With their configuration. */
  readonly frames: DataFrame[];
  readonly width: number;
  readonly height: number;
  readonly range: TimeRange;
  readonly theme: GrafanaTheme2;
  readonly events: readonly Event[];
}
