/**
 * Service level objectives: the share of requests and jobs that must go well, over 30 days. Only the rates of the last five minutes
 * are read from the services; every longer window adds up what was recorded of them, so that a busy hour counts for more than a quiet
 * night, and a window of 30 days costs Prometheus one series.
 */
import { metrics } from '@tintype/metrics';
import { serviceOf } from './places.js';
import { countOf, overTime, rate, rateWithin, recorded } from './read.js';
import { byUsers, quick } from './routes.js';
import { type Alert, alert, byRelease, type Recording, type ReleaseLabel, type RuleDeclarations } from './rules.js';
import { anyOf, like, noneOf } from './series.js';
import { type Selector, Vector } from './vector.js';

export type SloId = 'api-availability' | 'api-latency' | 'job-success' | 'job-freshness';

export interface Slo {
  readonly id: SloId;
  /** What goes well, as a plural: `Requests answered …`. */
  readonly title: string;
  /** The share of them that should, unless the operator wants another: 0.999. */
  readonly objective: number;
  readonly owner: 'api' | 'worker';
  /** What is counted, and what is not. */
  readonly counts: string;
  /** How many must go wrong in a window before anybody is told: the second of three requests is no trend. */
  readonly minimumBad: number;
  /** Per second, of the last five minutes. */
  readonly total: Vector<ReleaseLabel>;
  readonly bad: Vector<ReleaseLabel>;
  /** What to do, for the alerts. */
  readonly response: string;
  readonly dashboard: Alert['dashboard'];
  /** Alerts that name the cause, where the fast one would only name the effect. */
  readonly inhibitedBy?: readonly Alert['alert'][];
}

export type SloWindow = '5m' | '30m' | '1h' | '2h' | '6h' | '1d' | '3d' | '30d';
type SloLabel = ReleaseLabel | 'slo';

const answered = { ...quick, status_class: noneOf('5xx') } as const;
const awaited = { priority: anyOf('interactive', 'normal') };

const answeredQuick = rate(countOf(metrics.httpRequestDuration), '5m', answered).sumBy(...byRelease);
const ended = rate(countOf(metrics.jobEndToEnd), '5m').sumBy(...byRelease);
const endedAwaited = rate(countOf(metrics.jobEndToEnd), '5m', awaited).sumBy(...byRelease);

export const slos: readonly Slo[] = [
  {
    id: 'api-availability',
    title: 'Requests answered without a server error',
    objective: 0.999,
    owner: 'api',
    counts: 'All requests but those of probes and of Prometheus; bad are answers with a status of 500 or more.',
    minimumBad: 10,
    total: rate(metrics.httpRequests, '5m', byUsers).sumBy(...byRelease),
    bad: rate(metrics.httpRequests, '5m', { ...byUsers, status_code: like('5..') }).sumBy(...byRelease),
    response: 'The log of the API has each of them with its reason; /readyz of a pod names the service that is missing.',
    dashboard: 'tintype-api',
    inhibitedBy: ['TintypeDependencyDown', 'TintypeBacklogFull', 'TintypeStorageFull'],
  },
  {
    id: 'api-latency',
    title: 'Requests answered within half a second',
    objective: 0.99,
    owner: 'api',
    counts:
      'Requests that neither carry an image, nor download one, nor wait for a job, and were not answered with a server error; bad are those that took more than 0.5 s.',
    minimumBad: 20,
    total: answeredQuick,
    bad: answeredQuick.minus(rateWithin(metrics.httpRequestDuration, 0.5, '5m', answered).sumBy(...byRelease)).clampMin(0),
    response: 'Mostly PostgreSQL is slow, or the pods have too little processor time.',
    dashboard: 'tintype-api',
  },
  {
    id: 'job-success',
    title: 'Jobs that do not fail through a fault of the service',
    objective: 0.999,
    owner: 'worker',
    counts:
      'Jobs that completed or failed; bad are those that failed with a crash, for want of the storage, or with an error of ours. A broken picture, a request that cannot be met and a source that cannot be fetched are no fault of the service.',
    minimumBad: 5,
    total: ended,
    bad: rate(metrics.jobFailures, '5m', { reason: anyOf('crash', 'storage', 'internal') }).sumBy(...byRelease),
    response: 'The jobs that failed have their reason: GET /v1/jobs?status=failed; the log of the workers has the rest.',
    dashboard: 'tintype-processing',
  },
  {
    id: 'job-freshness',
    title: 'Jobs that end within a minute of being accepted',
    objective: 0.95,
    owner: 'worker',
    counts:
      'Jobs of the priorities interactive and normal that completed or failed, with all that they waited for; bad are those that took more than 60 s.',
    minimumBad: 20,
    total: endedAwaited,
    bad: endedAwaited.minus(rateWithin(metrics.jobEndToEnd, 60, '5m', awaited).sumBy(...byRelease)).clampMin(0),
    response: 'Add workers, or find out what makes jobs slow: the dashboard shows waiting and working apart.',
    dashboard: 'tintype-queue',
    inhibitedBy: ['TintypeDependencyDown', 'TintypeNoWorkers', 'TintypeQueueStuck', 'TintypeJobsPostponed'],
  },
];

/** The share of what went wrong in a window; no series when nothing was asked for in it. */
export function errorRatio(slo: Slo, window: SloWindow): Vector<SloLabel> {
  return series(slo, `slo:sli_error:ratio_rate${window}`);
}

/** How many times as fast as it may the error budget was used up in a window: at 1 it lasts for just 30 days. */
export function burnRate(slo: Slo, window: SloWindow): Vector<SloLabel> {
  return errorRatio(slo, window).dividedBy(errorBudget(slo));
}

/** What is left of the error budget of the last 30 days: 1 is all of it, below 0 the objective is missed. */
export function budgetRemaining(slo: Slo): Vector<SloLabel> {
  return series(slo, 'slo:period_error_budget_remaining:ratio');
}

/** The share that should go well, as the operator has set it. */
export function objective(slo: Slo): Vector<SloLabel> {
  return series(slo, 'slo:objective:ratio');
}

/** Things asked for per second, and those of them that went wrong, of the last five minutes. */
export function totalRate(slo: Slo): Selector<SloLabel> {
  return series(slo, 'slo:sli_total:rate5m');
}

export function badRate(slo: Slo): Selector<SloLabel> {
  return series(slo, 'slo:sli_bad:rate5m');
}

function errorBudget(slo: Slo): Vector<SloLabel> {
  return series(slo, 'slo:error_budget:ratio');
}

function series({ id, owner }: Slo, record: string): Selector<SloLabel> {
  return recorded(record, owner, { slo: id });
}

/** Sums of recorded rates become numbers of events by it; with twice as many Prometheus would not see more. */
const everySeconds = 30;
const longWindows = ['30m', '1h', '2h', '6h', '1d', '3d', '30d'] as const;

/** Pairs of windows, as the SRE workbook of Google has them: the short one lets an alert end soon after its cause. */
const pairs = {
  fast: [
    { long: '1h', short: '5m', factor: 14.4 },
    { long: '6h', short: '30m', factor: 6 },
  ],
  slow: [
    { long: '1d', short: '2h', factor: 3 },
    { long: '3d', short: '6h', factor: 1 },
  ],
} as const;

export const burnWindows: Readonly<Record<'fast' | 'slow', readonly { long: SloWindow; short: SloWindow; factor: number }[]>> =
  pairs;

/** The rules of one objective; `wanted` is a number, or what a template of Helm will put there. */
export function sloDeclarations(slo: Slo, wanted: number | string = slo.objective): RuleDeclarations {
  return {
    name: `tintype.slo.${slo.id}`,
    interval: `${everySeconds}s`,
    recordings: [
      recordingOf(slo, 'slo:sli_total:rate5m', slo.total, 'Nobody has asked for anything since the service started.'),
      // What has never gone wrong may have no series: that is 0, and not nothing.
      recordingOf(
        slo,
        'slo:sli_bad:rate5m',
        slo.bad.orZeroOf(slo.total),
        'Nobody has asked for anything since the service started.',
      ),
      constant(slo, 'slo:objective:ratio', new Vector(() => `vector(${wanted})`)),
      // In binary 1 - 0.999 is a little more than 0.001.
      constant(slo, 'slo:error_budget:ratio', new Vector((place) => `round((1 - ${objective(slo).print(place)}) * 1e9) / 1e9`)),
      // 0 / 0 would be NaN, and one NaN spoils every average that it is in.
      recordingOf(slo, 'slo:sli_error:ratio_rate5m', badRate(slo).dividedBy(totalRate(slo).above(0)), 'Nothing was asked for.'),
      ...longWindows.map((window) =>
        recordingOf(
          slo,
          `slo:sli_error:ratio_rate${window}`,
          overTime('sum', badRate(slo), window).dividedBy(overTime('sum', totalRate(slo), window).above(0)),
          'Nothing was asked for.',
        ),
      ),
      recordingOf(
        slo,
        'slo:period_error_budget_remaining:ratio',
        errorRatio(slo, '30d').dividedBy(errorBudget(slo)).complement(),
        'Nothing was asked for.',
      ),
    ],
    alerts: [
      alert({
        alert: `Tintype${nameOf(slo)}BudgetBurnFast`,
        severity: 'critical',
        for: '2m',
        keepFiringFor: '5m',
        expr: burns(slo, pairs.fast),
        summary: `${slo.title}: the error budget is used up fast.`,
        seen: 'The error budget of {{ $labels.slo }} on {{ $labels.service }} is used up {{ $value | humanize }} times as fast as it may be; at 14 it is gone in two days.',
        response: slo.response,
        dashboard: slo.dashboard,
        ...(slo.inhibitedBy && { inhibitedBy: slo.inhibitedBy.map((each) => ({ alert: each })) }),
      }),
      alert({
        alert: `Tintype${nameOf(slo)}BudgetBurnSlow`,
        severity: 'warning',
        for: '15m',
        keepFiringFor: '15m',
        expr: burns(slo, pairs.slow),
        summary: `${slo.title}: the error budget will not last.`,
        seen: 'The error budget of {{ $labels.slo }} on {{ $labels.service }} is used up {{ $value | humanize }} times as fast as it may be, for many hours.',
        response: slo.response,
        dashboard: slo.dashboard,
        inhibitedBy: [{ alert: `Tintype${nameOf(slo)}BudgetBurnFast`, equal: ['slo'] }],
      }),
    ],
  };
}

function burns(slo: Slo, [first, second]: (typeof pairs)['fast' | 'slow']): Vector<SloLabel> {
  return burnsIn(slo, first).or(burnsIn(slo, second));
}

function burnsIn(slo: Slo, { long, short, factor }: (typeof pairs)['fast' | 'slow'][number]): Vector<SloLabel> {
  const bad = overTime('sum', badRate(slo), long).times(everySeconds);
  return burnRate(slo, long)
    .above(factor)
    .and(burnRate(slo, short).above(factor), ...byRelease)
    .and(bad.atLeast(slo.minimumBad), ...byRelease);
}

function recordingOf(slo: Slo, name: string, expr: Recording['expr'], mayBeEmpty?: string): Recording {
  return { record: name, expr, labels: () => ({ slo: slo.id }), ...(mayBeEmpty !== undefined && { mayBeEmpty }) };
}

/** Made of nothing that a service exports, so that it needs the labels of one. */
function constant(slo: Slo, name: string, expr: Recording['expr']): Recording {
  const { id, owner } = slo;
  return {
    record: name,
    expr,
    labels: (release) => ({ namespace: release.namespace, service: serviceOf(release, owner), slo: id }),
  };
}

/** `ApiAvailability` */
function nameOf({ id }: Slo): string {
  return id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
