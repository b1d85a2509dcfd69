/** Whether users get what they were promised, what is wrong now, and where it gets tight. */
import { OpsPerSecond, PercentUnit, RequestsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { up } from '../external.js';
import { firing } from '../grafana.js';
import { type DashboardDeclaration, lately, quantiles, query, type Row } from '../panels.js';
import { increase, quantile, rate, shared, value } from '../read.js';
import { byUsers, quick } from '../routes.js';
import { anyOf } from '../series.js';
import { objectives } from './objectives.js';
import { pods } from './pods.js';

const work: Row = {
  title: 'Work',
  panels: [
    {
      kind: 'time series',
      title: 'Outputs by action and status',
      shows:
        'Outputs that ended, counted once for each distinct action of their pipeline; `convert` is a pipeline without operations. ' +
        'Actions that the time range has not seen are left out.',
      normal: 'the mix that clients ask for, with few that failed.',
      more: 'tintype-processing',
      unit: OpsPerSecond,
      stacked: true,
      queries: [
        query(
          rate(metrics.jobsProcessed, lately)
            .sumBy('action', 'status')
            .and(increase(metrics.jobsProcessed, '$__range').sumBy('action', 'status').above(0), 'action', 'status'),
          '{{action}} {{status}}',
          'No output has ended in the time range.',
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Failed share of outputs',
      shows: 'Of the outputs that ended.',
      normal: 'the share of broken pictures that clients send, a few in a hundred at most.',
      watchedBy: ['TintypeJobsFailing'],
      more: 'tintype-processing',
      unit: PercentUnit,
      max: 1,
      thresholds: { orange: 0.1, red: 0.25 },
      queries: [
        query(
          rate(metrics.jobsProcessed, lately, { status: 'failed' })
            .sumBy()
            .dividedBy(rate(metrics.jobsProcessed, lately).sumBy().above(0)),
          'failed',
          'No output ended lately.',
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Time of an attempt',
      shows: 'From the claim of a job to its end. The largest bucket is 10 s: a line there means 10 s or more.',
      normal: 'well below a second for photographs; animations and large documents take longer.',
      more: 'tintype-processing',
      unit: Seconds,
      thresholds: { red: 10 },
      queries: quantiles((q) => quantile(q, metrics.jobDuration, lately, []), 'No attempt ended lately.'),
    },
  ],
};

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'table',
      title: 'Alerts that fire',
      shows: 'Alerts of Tintype in this namespace. Each has a page among the runbooks, linked at the top of the dashboard.',
      normal: 'none.',
      unit: Short,
      width: 12,
      labels: ['alertname', 'severity'],
      queries: [query(firing.countBy('alertname', 'severity'), 'firing', 'No alert fires.', 'no-worker')],
    },
    {
      kind: 'stat',
      title: 'Services that Tintype needs',
      shows: 'Down when any pod cannot use it, as the readiness probe of the pod finds.',
      normal: 'all up.',
      watchedBy: ['TintypeDependencyDown', 'TintypeDependencyFlaky', 'TintypeRedisDown'],
      more: 'tintype-dependencies',
      unit: Short,
      width: 6,
      tall: true,
      words: { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } },
      queries: [query(value(metrics.dependencyUp).minBy('dependency'), '{{dependency}}')],
    },
    {
      kind: 'bar gauge',
      title: 'Pods that answer Prometheus',
      shows: 'Of the pods that Prometheus knows.',
      normal: 'all; fewer for a moment when pods come and go.',
      watchedBy: ['TintypeApiDown', 'TintypeTargetDown', 'TintypeMetricsMissing'],
      unit: PercentUnit,
      width: 6,
      max: 1,
      thresholds: { orange: 1, red: 0.5, worse: 'below' },
      queries: [query(value(up.both).avgBy('job'), '{{job}}')],
    },
  ],
};

const saturation: Row = {
  title: 'Saturation',
  panels: [
    {
      kind: 'time series',
      title: 'Unfinished jobs',
      shows: 'Jobs in the database that have not ended. Every pod of the API reports the same figure.',
      normal: 'few queued; a batch makes a mountain that shrinks steadily.',
      watchedBy: ['TintypeNoWorkers', 'TintypeBacklogFull'],
      more: 'tintype-queue',
      unit: Short,
      stacked: true,
      queries: [query(shared(metrics.jobsUnfinished).maxBy('status'), '{{status}}')],
    },
    {
      kind: 'time series',
      title: 'Age of the oldest queued job',
      shows: 'How long the job that has waited longest could have run.',
      normal: 'a few seconds; minutes while a batch is worked off.',
      watchedBy: ['TintypeQueueSlow', 'TintypeQueueStuck'],
      more: 'tintype-queue',
      unit: Seconds,
      thresholds: { orange: 120, red: 300 },
      queries: [query(shared(metrics.oldestQueuedAge).maxBy(), 'oldest')],
    },
    {
      kind: 'time series',
      title: 'Busy share of the workers',
      shows: 'Jobs that run, of those that may run at once.',
      normal: 'below 90 %; at 100 % jobs wait.',
      watchedBy: ['TintypeWorkersSaturated'],
      more: 'tintype-queue',
      unit: PercentUnit,
      max: 1,
      thresholds: { orange: 0.9 },
      queries: [query(value(metrics.jobsActive).sumBy().dividedBy(value(metrics.concurrency).sumBy()), 'busy')],
    },
    {
      kind: 'time series',
      title: 'Busiest event loop',
      shows: 'Share of its time that the event loop of the busiest pod of each kind works. Pictures are not worked at there.',
      normal: 'below a half.',
      watchedBy: ['TintypeEventLoopSaturated'],
      more: 'tintype-api',
      unit: PercentUnit,
      max: 1,
      thresholds: { orange: 0.7, red: 0.9 },
      queries: [
        query(
          rate(metrics.eventLoopTime, lately, { state: 'active' })
            .sumBy('job', 'pod')
            .dividedBy(rate(metrics.eventLoopTime, lately).sumBy('job', 'pod'))
            .maxBy('job'),
          '{{job}}',
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Connections to PostgreSQL in use',
      shows: 'Of those that a pod may have, in the pod where they are fewest.',
      normal: 'below 80 %; at 100 % statements wait for each other.',
      watchedBy: ['TintypeDatabasePoolExhausted'],
      more: 'tintype-dependencies',
      unit: PercentUnit,
      max: 1,
      thresholds: { orange: 0.8, red: 1 },
      queries: [
        query(
          value(metrics.dbPoolConnections, { state: 'used' })
            .sumBy('job', 'pod')
            .dividedBy(value(metrics.dbPoolMax).sumBy('job', 'pod'))
            .maxBy('job'),
          '{{job}}',
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Largest image process',
      shows: 'Its memory, of what it may have before it is killed.',
      normal: 'below a half; a single large picture may take it higher.',
      watchedBy: ['TintypeChildMemoryHigh'],
      more: 'tintype-processing',
      unit: PercentUnit,
      thresholds: { orange: 0.9, red: 1 },
      queries: [
        query(
          value(metrics.childMemoryMost).sumBy('pod').dividedBy(value(metrics.childMemoryLimit).sumBy('pod')).maxBy(),
          'largest',
        ),
      ],
    },
  ],
};

const traffic: Row = {
  title: 'Traffic',
  panels: [
    {
      kind: 'time series',
      title: 'Requests by status code',
      shows:
        'Without probes and scrapes. 4xx is what the client did (499: it left before the answer), 5xx is a fault of the service.',
      normal: '2xx, and a few 4xx.',
      watchedBy: ['TintypeApiErrors'],
      more: 'tintype-api',
      unit: RequestsPerSecond,
      stacked: true,
      queries: [
        query(rate(metrics.httpRequests, lately, byUsers).sumBy('status_code'), '{{status_code}}', 'Nobody has used the API.'),
      ],
    },
    {
      kind: 'time series',
      title: 'Time to answer',
      shows: 'Of requests that neither carry an image, nor download one, nor wait for a job.',
      normal: 'p95 below 100 ms.',
      watchedBy: ['TintypeApiSlow'],
      more: 'tintype-api',
      unit: Seconds,
      thresholds: { red: 1 },
      queries: quantiles(
        (q) => quantile(q, metrics.httpRequestDuration, lately, [], quick),
        'Nobody has sent a request that neither carries an image nor waits.',
      ),
    },
    {
      kind: 'time series',
      title: 'Jobs accepted and ended',
      shows: 'Where more are accepted than end, the queue grows.',
      normal: 'both lines follow each other.',
      watchedBy: ['TintypeQueueStuck'],
      more: 'tintype-queue',
      unit: OpsPerSecond,
      queries: [
        query(rate(metrics.jobsCreated, lately).sumBy(), 'accepted'),
        query(rate(metrics.jobAttempts, lately, { outcome: anyOf('completed', 'failed', 'canceled') }).sumBy(), 'ended'),
      ],
    },
  ],
};

export const overview: DashboardDeclaration = {
  uid: 'tintype-overview',
  title: 'Overview',
  description: 'Whether users get what they were promised, what is wrong now, and where it gets tight.',
  rows: [work, objectives, now, saturation, traffic, pods],
};
