/** The queries of a panel, asked as Grafana's data source for Prometheus asks them. */
import { rangeUtil } from '@grafana/data';
import type { Panel } from '@grafana/schema';
import type { PictureRequest, QueryReport } from './picture.js';
import { queryInstant, queryRange, type Series } from './prometheus.js';
import { type BuiltIn, interpolate, type Variable } from './variables.js';

/** The part of a Prometheus query in a panel that counts here. */
export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly format?: 'time_series' | 'table' | 'heatmap';
  readonly instant?: boolean;
  readonly interval?: string;
}

export interface TargetAnswer {
  readonly target: Target;
  readonly expr: string;
  readonly series: readonly Series[];
  /** Milliseconds from sample to sample. */
  readonly step: number;
}

/** @param width Pixels of the panel: there are no more samples than that. @throws {Error} with the words of Prometheus */
export async function askTargets(
  panel: Panel,
  width: number,
  variables: readonly Variable[],
  request: PictureRequest,
): Promise<TargetAnswer[]> {
  const targets = (panel.targets ?? []).filter(({ hide }) => hide !== true) as unknown as Target[];
  return await Promise.all(targets.map((target) => askTarget(target, panel, width, variables, request)));
}

async function askTarget(
  target: Target,
  panel: Panel,
  width: number,
  variables: readonly Variable[],
  request: PictureRequest,
): Promise<TargetAnswer> {
  const { from, to, scrapeInterval } = request;
  const least = target.interval ?? panel.interval;
  const minimum = least ? rangeUtil.intervalToMs(least) : scrapeInterval * 1000;
  const points = panel.maxDataPoints ?? width;
  const step = Math.max(rangeUtil.roundInterval((to - from) / points), minimum);
  const expr = interpolate(target.expr, variables, builtIn(step, request));
  // Times are multiples of the step, so that a line does not change its form with every refresh.
  const series = target.instant
    ? await queryInstant(expr, to / 1000)
    : await queryRange(expr, (Math.ceil(from / step) * step) / 1000, (Math.floor(to / step) * step) / 1000, step / 1000);
  return { target, expr, series, step };
}

/** @param step Milliseconds */
function builtIn(step: number, { from, to, scrapeInterval }: PictureRequest): BuiltIn {
  const rateInterval = Math.max(step + scrapeInterval * 1000, 4 * scrapeInterval * 1000);
  return {
    __interval: rangeUtil.secondsToHms(step / 1000),
    __interval_ms: String(step),
    __rate_interval: rangeUtil.secondsToHms(rateInterval / 1000),
    __range: `${Math.round((to - from) / 1000)}s`,
    __range_s: String(Math.round((to - from) / 1000)),
    __range_ms: String(to - from),
  };
}

export function reportOf({ target, expr, series }: TargetAnswer): QueryReport {
  return { refId: target.refId, expr, series: series.filter(hasNumber).length };
}

function hasNumber({ samples }: Series): boolean {
  return samples.some(({ value }) => !Number.isNaN(value));
}
