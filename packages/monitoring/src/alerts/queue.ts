import { metrics } from '@tintype/metrics';
import { up } from '../external.js';
import { increase, rate, shared, value } from '../read.js';
import { alert, byRelease, recording, type RuleDeclarations } from '../rules.js';
import { anyOf } from '../series.js';

export const oldestAge = recording(
  'service:jobs_oldest_queued_age_seconds:max',
  'api',
  shared(metrics.oldestQueuedAge).maxBy(...byRelease),
);
const queued = recording(
  'service:jobs_queued:max',
  'api',
  shared(metrics.jobsUnfinished, { status: 'queued' }).maxBy(...byRelease),
);
const workersUp = value(up.worker).sumBy('namespace').above(0);
const jobsEnd = rate(metrics.jobAttempts, '5m', { outcome: anyOf('completed', 'failed', 'canceled') })
  .sumBy('namespace')
  .above(0);

export const queue: RuleDeclarations = {
  name: 'tintype.queue',
  recordings: [oldestAge, queued],
  alerts: [
    alert({
      alert: 'TintypeNoWorkers',
      severity: 'critical',
      for: '5m',
      expr: queued.read.above(0).unless(workersUp, 'namespace'),
      summary: 'Jobs are queued, and there is no worker.',
      seen: '{{ $value | humanize }} jobs are queued in {{ $labels.namespace }}, and no worker answers Prometheus.',
      response: 'Look at the pods of the worker and their events; nothing is lost, jobs run when a worker is back.',
      dashboard: 'tintype-queue',
    }),
    alert({
      alert: 'TintypeQueueStuck',
      severity: 'critical',
      for: '5m',
      expr: oldestAge.read.above(300).and(workersUp, 'namespace').unless(jobsEnd, 'namespace'),
      summary: 'Jobs are queued, workers are up, and no job ends.',
      seen: 'A job has waited for {{ $value | humanizeDuration }} in {{ $labels.namespace }}, and none ended in five minutes.',
      response: 'The log of the workers tells why they take no jobs; look at PostgreSQL and the storage.',
      dashboard: 'tintype-queue',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }, { alert: 'TintypeJobsPostponed' }],
    }),
    alert({
      alert: 'TintypeQueueSlow',
      severity: 'warning',
      for: '10m',
      expr: oldestAge.read.above(120),
      summary: 'Jobs wait longer than two minutes for a worker.',
      seen: 'A job has waited for {{ $value | humanizeDuration }} in {{ $labels.namespace }}.',
      response: 'Add workers, or find out what makes jobs slow: the dashboard shows the time of each stage.',
      dashboard: 'tintype-queue',
      inhibitedBy: [
        { alert: 'TintypeDependencyDown' },
        { alert: 'TintypeNoWorkers' },
        { alert: 'TintypeQueueStuck' },
        { alert: 'TintypeJobsPostponed' },
        { alert: 'TintypeJobFreshnessBudgetBurnFast' },
      ],
    }),
    alert({
      alert: 'TintypeLeasesOverdue',
      severity: 'critical',
      for: '5m',
      expr: shared(metrics.leasesOverdue)
        .maxBy(...byRelease)
        .above(0),
      summary: 'Jobs of dead workers are not taken over.',
      seen: '{{ $value | humanize }} jobs in {{ $labels.namespace }} are running for workers that have stopped renewing their leases.',
      response: 'Any worker takes them back within seconds: none is alive, or none reaches PostgreSQL.',
      dashboard: 'tintype-queue',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }, { alert: 'TintypeNoWorkers' }],
    }),
    alert({
      alert: 'TintypeGaugeUnreadable',
      severity: 'warning',
      for: '5m',
      expr: increase(metrics.collectFailures, '5m')
        .sumBy(...byRelease, 'metric')
        .above(0),
      summary: 'A gauge cannot be read, so alerts on it are blind.',
      seen: '{{ $labels.service }} failed to read {{ $labels.metric }}.',
      response: 'It is read from PostgreSQL within a second: the database is slow or away.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }],
    }),
  ],
};
