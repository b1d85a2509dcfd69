import { type FieldDisplay, getFieldDisplayValues } from '@grafana/data';
import type { ReduceDataOptions } from '@grafana/schema';
import { fieldConfigOf } from '../fields.js';
import type { PanelBodyProps } from './panel-body.js';

interface Figures {
  /** Which figure of each series; default: its last. */
  readonly reduceOptions: ReduceDataOptions | undefined;
  readonly sparkline?: boolean;
}

/** What panels show that have one figure of each series. */
export function singleFigures(
  { panel, frames, theme }: PanelBodyProps,
  { reduceOptions = { calcs: ['lastNotNull'] }, sparkline = false }: Figures,
): FieldDisplay[] {
  return getFieldDisplayValues({
    data: frames,
    fieldConfig: fieldConfigOf(panel),
    reduceOptions,
    replaceVariables: (text) => text,
    sparkline,
    theme,
    timeZone: 'utc',
  });
}
