/** What happened, as vertical lines in every graph: the annotation queries of a dashboard. */
import type { AnnotationQuery, Dashboard } from '@grafana/schema';
import type { PictureRequest } from './picture.js';
import { queryRange, type Series } from './prometheus.js';
import { interpolate, type Variable } from './variables.js';

export interface Event {
  /** Milliseconds since 1970. The same when it has no duration. */
  readonly from: number;
  readonly to: number;
  /** A colour by Grafana's name for it. */
  readonly color: string;
}

/** @throws {Error} with the words of Prometheus */
export async function askEvents({ dashboard, ...request }: PictureRequest, variables: readonly Variable[]): Promise<Event[]> {
  const queries = (dashboard.annotations?.list ?? []).filter(isShown);
  return (await Promise.all(queries.map((query) => eventsOf(query, request, variables)))).flat();
}

function isShown({ enable, hide, target }: NonNullable<NonNullable<Dashboard['annotations']>['list']>[number]): boolean {
  return enable && !hide && exprOf(target) !== undefined;
}

function exprOf(target: object | undefined): string | undefined {
  return target && 'expr' in target && typeof target.expr === 'string' ? target.expr : undefined;
}

async function eventsOf(
  { target, iconColor }: AnnotationQuery,
  { from, to, scrapeInterval }: Omit<PictureRequest, 'dashboard'>,
  variables: readonly Variable[],
): Promise<Event[]> {
  const step = Math.max(scrapeInterval * 1000, Math.ceil((to - from) / 1000));
  const expr = interpolate(exprOf(target) ?? '', variables, {});
  const series = await queryRange(expr, from / 1000, to / 1000, step / 1000);
  return series.flatMap((each) => spells(each, step).map((spell) => ({ ...spell, color: iconColor })));
}

/** Samples that follow each other without a gap are one event. */
function spells({ samples }: Series, step: number): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const { time } of samples.filter(({ value }) => value > 0)) {
    const last = found.at(-1);
    if (last && time - last.to <= step) last.to = time;
    else found.push({ from: time, to: time });
  }
  return found;
}
