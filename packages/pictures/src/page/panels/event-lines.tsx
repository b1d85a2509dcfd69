import { useLayoutEffect } from 'react';
import type { GrafanaTheme2 } from '@grafana/data';
import type { UPlotConfigBuilder } from '@grafana/ui';
import type uPlot from 'uplot';
import type { Event } from '../annotations.js';

interface Props {
  readonly builder: UPlotConfigBuilder;
  readonly events: readonly Event[];
  readonly theme: GrafanaTheme2;
}

/** Dashed lines where events begin and end, and a veil over what is between. */
export function EventLines({ builder, events, theme }: Props): undefined {
  // Before the plot is made: it takes the hooks that there are then.
  useLayoutEffect(() => {
    builder.addHook('draw', (plot) => {
      for (const event of events) drawEvent(plot, event, theme);
    });
  }, [builder, events, theme]);
}

function drawEvent(plot: uPlot, { from, to, color }: Event, theme: GrafanaTheme2): void {
  const { ctx, bbox } = plot;
  const [left, right] = [from, to].map((time) => plot.valToPos(time, 'x', true));
  if (left === undefined || right === undefined) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const named = theme.visualization.getColorByName(color);
  ctx.fillStyle = named;
  ctx.globalAlpha = 0.1;
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = named;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 5 * devicePixelRatio]);
  for (const x of new Set([left, right])) {
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
