/** How much waits and for how long, and whether there are enough workers for it. */
import { OpsPerSecond, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { up } from '../external.js';
import { type DashboardDeclaration, lately, p95, query, type Row, spread } from '../panels.js';
import { increase, rate, shared, value } from '../read.js';
import { anyOf } from '../series.js';

const due = shared(metrics.jobsDue).maxBy('priority').sumBy();
const ended = rate(metrics.jobAttempts, lately, { outcome: anyOf('completed', 'failed', 'canceled') }).sumBy();
const busy = value(metrics.jobsActive).sumBy().dividedBy(value(metrics.concurrency).sumBy());
const timeToDrain = query(due.dividedBy(ended.above(0)), 'to drain', 'No job ends, so nothing drains.');

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Jobs that could run',
      shows: 'Queued, and not waiting for another attempt.',
      normal: 'few, or a batch that is worked off.',
      watchedBy: ['TintypeNoWorkers'],
      unit: Short,
      width: 6,
      queries: [query(due, 'due')],
    },
    {
      kind: 'stat',
      title: 'Longest wait',
      shows: 'How long the job that has waited longest could have run.',
      normal: 'a few seconds; minutes while a batch is worked off.',
      watchedBy: ['TintypeQueueSlow', 'TintypeQueueStuck'],
      unit: Seconds,
      width: 6,
      thresholds: { orange: 120, red: 300 },
      queries: [query(shared(metrics.oldestQueuedAge).maxBy(), 'oldest')],
    },
    {
      kind: 'stat',
      title: 'Time to drain',
      shows: 'How long the jobs that could run would take at the pace of now, if no more came.',
      normal: 'below a minute; for a batch the time that it still takes.',
      watchedBy: ['TintypeQueueSlow'],
      unit: Seconds,
      width: 6,
      thresholds: { orange: 600, red: 3600 },
      queries: [timeToDrain],
    },
    {
      kind: 'stat',
      title: 'Busy workers',
      shows: 'Jobs that run, of those that may run at once.',
      normal: 'below 90 %; at 100 % jobs wait.',
      watchedBy: ['TintypeWorkersSaturated'],
      unit: PercentUnit,
      width: 6,
      thresholds: { orange: 0.9 },
      queries: [query(busy, 'busy')],
    },
  ],
};

const depth: Row = {
  title: 'Depth',
  panels: [
    {
      kind: 'time series',
      title: 'Unfinished jobs by status',
      shows: 'Jobs in the database that have not ended. Every pod of the API reports the same figure.',
      normal: 'few queued; a batch makes a mountain that shrinks steadily.',
      watchedBy: ['TintypeNoWorkers', 'TintypeBacklogFull'],
      unit: Short,
      stacked: true,
      queries: [query(shared(metrics.jobsUnfinished).maxBy('status'), '{{status}}')],
    },
    {
      kind: 'time series',
      title: 'Jobs that could run, by priority',
      shows: 'The other queued jobs wait for their next attempt. Every priority has its share of the workers, so none starves.',
      normal: '`bulk` may wait; `interactive` is near zero.',
      unit: Short,
      stacked: true,
      queries: [query(shared(metrics.jobsDue).maxBy('priority'), '{{priority}}')],
    },
    {
      kind: 'time series',
      title: 'Age of the oldest queued job',
      shows: 'How long the job that has waited longest could have run.',
      normal: 'a few seconds; minutes while a batch is worked off.',
      watchedBy: ['TintypeQueueSlow', 'TintypeQueueStuck'],
      unit: Seconds,
      thresholds: { orange: 120, red: 300 },
      queries: [query(shared(metrics.oldestQueuedAge).maxBy(), 'oldest')],
    },
  ],
};

const flow: Row = {
  title: 'Flow',
  panels: [
    {
      kind: 'time series',
      title: 'Jobs accepted and ended',
      shows: 'Where more are accepted than end, the queue grows.',
      normal: 'both lines follow each other.',
      watchedBy: ['TintypeQueueStuck'],
      unit: OpsPerSecond,
      queries: [query(rate(metrics.jobsCreated, lately).sumBy(), 'accepted'), query(ended, 'ended')],
    },
    {
      kind: 'heatmap',
      title: 'Wait before the first attempt',
      shows: 'From when a job could run to its first claim: how many waited how long.',
      normal: 'the lowest row; higher ones while a batch is worked off.',
      unit: Seconds,
      queries: [spread(metrics.jobQueueWait)],
    },
    {
      kind: 'time series',
      title: 'From acceptance to the end, p95',
      shows: 'By priority, with all that a job waited for; without canceled jobs.',
      normal: '`interactive` and `normal` below a minute.',
      watchedBy: ['TintypeJobFreshnessBudgetBurnFast', 'TintypeJobFreshnessBudgetBurnSlow'],
      unit: Seconds,
      thresholds: { orange: 60 },
      queries: [p95(metrics.jobEndToEnd, ['priority'], '{{priority}}', 'No job ended lately.')],
    },
  ],
};

const capacity: Row = {
  title: 'Capacity',
  panels: [
    {
      kind: 'time series',
      title: 'Running jobs and places for them',
      shows: 'Jobs that run, and how many may run at once on all workers (`WORKER_CONCURRENCY` of each).',
      normal: 'running stays below the places; the autoscaler adds places when it does not.',
      watchedBy: ['TintypeWorkersSaturated'],
      unit: Short,
      queries: [query(value(metrics.jobsActive).sumBy(), 'running'), query(value(metrics.concurrency).sumBy(), 'places')],
    },
    {
      kind: 'time series',
      title: 'Busy share by worker',
      shows: 'Jobs that run, of those that may run at once.',
      normal: 'alike for all; one that is always idle gets no jobs, one that is always full may hang.',
      watchedBy: ['TintypeWorkersSaturated'],
      unit: PercentUnit,
      max: 1,
      thresholds: { orange: 0.9 },
      queries: [query(value(metrics.jobsActive).sumBy('pod').dividedBy(value(metrics.concurrency).sumBy('pod')), '{{pod}}')],
    },
    {
      kind: 'time series',
      title: 'Workers',
      shows: 'That answer Prometheus, and that Prometheus knows.',
      normal: 'both the same, and as many as there should be.',
      watchedBy: ['TintypeNoWorkers', 'TintypeTargetDown'],
      unit: Short,
      queries: [query(value(up.worker).sumBy(), 'answer'), query(value(up.worker).countBy(), 'known')],
    },
  ],
};

const wakes: Row = {
  title: 'Wakes and leases',
  panels: [
    {
      kind: 'time series',
      title: 'Wakes by outcome',
      shows: 'The API rings for each new job. What fails costs half a second: workers look for jobs by themselves, too.',
      normal: 'none of `failed`.',
      watchedBy: ['TintypeWakesFailing'],
      more: 'tintype-dependencies',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.queueWakes, lately).sumBy('outcome'), '{{outcome}}')],
    },
    {
      kind: 'time series',
      title: 'Jobs found without a wake',
      shows: 'Found by looking: due for another attempt, or their wake was lost or late.',
      normal: 'few; all of them while Redis is away.',
      watchedBy: ['TintypeRedisDown'],
      unit: OpsPerSecond,
      queries: [query(rate(metrics.jobsFoundByPolling, lately).sumBy(), 'found')],
    },
    {
      kind: 'time series',
      title: 'Renewals of leases',
      shows: '`lost`: another worker had taken the job over. `failed`: PostgreSQL did not answer.',
      normal: '`renewed`, several in the life of a lease; neither `lost` nor `failed`.',
      watchedBy: ['TintypeLeasesExpiring'],
      unit: OpsPerSecond,
      queries: [query(rate(metrics.leaseRenewals, lately).sumBy('outcome'), '{{outcome}}')],
    },
    {
      kind: 'time series',
      title: 'Overdue leases',
      shows: 'Running jobs whose lease has expired and which no worker has taken back yet.',
      normal: 'none; a few for seconds after a worker has died.',
      watchedBy: ['TintypeLeasesOverdue'],
      unit: Short,
      thresholds: { orange: 1 },
      queries: [query(shared(metrics.leasesOverdue).maxBy(), 'overdue')],
    },
    {
      kind: 'time series',
      title: 'Jobs taken back',
      shows: 'From workers that had stopped renewing their leases.',
      normal: 'none, or a few when a node dies.',
      watchedBy: ['TintypeLeasesExpiring'],
      unit: Short,
      queries: [query(increase(metrics.leasesExpired, lately).sumBy(), 'taken back')],
    },
    {
      kind: 'time series',
      title: 'Writes that came too late',
      shows: 'Refused, as the lease had passed to another worker: nothing is overwritten.',
      normal: 'none; a few when workers hang and come back.',
      unit: Short,
      queries: [query(increase(metrics.writesFenced, lately).sumBy(), 'refused')],
    },
  ],
};

export const queue: DashboardDeclaration = {
  uid: 'tintype-queue',
  title: 'Queue and scaling',
  description: 'How much waits and for how long, and whether there are enough workers for it.',
  rows: [now, depth, flow, capacity, wakes],
};
