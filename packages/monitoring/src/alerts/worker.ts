import { metrics } from '@tintype/metrics';
import { processStart } from '../external.js';
import { increase, overTime, rate, secondsSince, shared, value } from '../read.js';
import { alert, byRelease, recording, type RuleDeclarations } from '../rules.js';
import { anyOf } from '../series.js';
import { oldestAge } from './queue.js';

const ended = rate(metrics.jobsProcessed, '15m').sumBy(...byRelease);
const failed = { status: 'failed' } as const;
const failureRatio = recording(
  'service:worker_jobs_failed:ratio_rate15m',
  'worker',
  rate(metrics.jobsProcessed, '15m', failed)
    .sumBy(...byRelease)
    .dividedBy(ended.above(0)),
  'No output ended lately.',
);
const busy = recording(
  'service:worker_jobs_active:ratio',
  'worker',
  value(metrics.jobsActive)
    .sumBy(...byRelease)
    .dividedBy(value(metrics.concurrency).sumBy(...byRelease)),
);

const retries = increase(metrics.jobAttempts, '10m', { outcome: 'retried' }).sumBy(...byRelease);
const ends = increase(metrics.jobAttempts, '10m', { outcome: anyOf('completed', 'failed') }).sumBy(...byRelease);

export const worker: RuleDeclarations = {
  name: 'tintype.worker',
  recordings: [failureRatio, busy],
  alerts: [
    alert({
      alert: 'TintypeJobsFailing',
      severity: 'warning',
      for: '10m',
      expr: failureRatio.read.above(0.25).and(
        increase(metrics.jobsProcessed, '15m', failed)
          .sumBy(...byRelease)
          .atLeast(10),
        ...byRelease,
      ),
      summary: 'More than a quarter of the outputs fail.',
      seen: '{{ $value | humanizePercentage }} of the outputs of {{ $labels.service }} failed in 15 minutes.',
      response: 'The dashboard shows which actions; the error codes of the jobs tell bad pictures from faults of the service.',
      dashboard: 'tintype-processing',
    }),
    alert({
      alert: 'TintypeJobsRetrying',
      severity: 'warning',
      for: '15m',
      expr: retries.above(20).and(retries.minus(ends).above(0), ...byRelease),
      summary: 'More attempts are made again than jobs end.',
      seen: '{{ $labels.service }} made {{ $value | humanize }} attempts again in ten minutes.',
      response: 'The log of the workers has the reason of each: `attempt ended` with the outcome `retried`.',
      dashboard: 'tintype-processing',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }],
    }),
    alert({
      alert: 'TintypeJobsPostponed',
      severity: 'critical',
      for: '2m',
      expr: increase(metrics.jobAttempts, '5m', { outcome: 'postponed' })
        .sumBy(...byRelease)
        .atLeast(5),
      summary: 'Jobs are put off because the storage cannot be read or written.',
      seen: '{{ $labels.service }} put jobs off {{ $value | humanize }} times in five minutes.',
      response: 'Look at the storage; jobs run when it is back, and fail only after a day. /readyz of the API checks it.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [{ alert: 'TintypeStorageFull' }],
    }),
    alert({
      alert: 'TintypeWorkersSaturated',
      severity: 'warning',
      for: '15m',
      expr: busy.read.above(0.9).and(oldestAge.read.above(30), 'namespace'),
      summary: 'All workers are busy, and jobs wait.',
      seen: '{{ $value | humanizePercentage }} of what {{ $labels.service }} may run at once is in use.',
      response: 'Add workers, or let the autoscaler have more of them.',
      dashboard: 'tintype-queue',
      inhibitedBy: [{ alert: 'TintypeQueueStuck' }],
    }),
    alert({
      alert: 'TintypeChildCrashes',
      severity: 'warning',
      for: '1m',
      expr: increase(metrics.childExits, '15m', { reason: anyOf('crashed', 'timeout', 'memory') })
        .sumBy(...byRelease, 'reason')
        .atLeast(5),
      summary: 'Image processes end before their work is done.',
      seen: '{{ $value | humanize }} image processes of {{ $labels.service }} ended in 15 minutes: {{ $labels.reason }}.',
      response: 'The log of the workers names the jobs; one bad picture costs only its own job, many need a look at the limits.',
      dashboard: 'tintype-processing',
    }),
    alert({
      alert: 'TintypeChildMemoryHigh',
      severity: 'warning',
      for: '10m',
      expr: overTime('max', value(metrics.childMemoryMost), '10m')
        .dividedBy(value(metrics.childMemoryLimit))
        .maxBy('namespace', 'service', 'pod')
        .above(0.9),
      summary: 'Image processes come close to the memory at which they are killed.',
      seen: 'The largest image process of {{ $labels.pod }} held {{ $value | humanizePercentage }} of what it may.',
      response: 'Raise CHILD_MEMORY_MB and the memory of the pods, or allow fewer pixels: INPUT_MAX_PIXELS.',
      dashboard: 'tintype-processing',
      inhibitedBy: [{ alert: 'TintypeChildCrashes' }],
    }),
    alert({
      alert: 'TintypeLeasesExpiring',
      severity: 'warning',
      for: '15m',
      expr: increase(metrics.leasesExpired, '10m')
        .sumBy(...byRelease)
        .above(0),
      summary: 'Workers keep losing their jobs to others.',
      seen: '{{ $value | humanize }} leases expired on {{ $labels.service }} in ten minutes.',
      response: 'Workers die without a word (memory limit, lost nodes), or cannot reach PostgreSQL to renew their leases.',
      dashboard: 'tintype-queue',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }, { alert: 'TintypePodOutOfMemory' }],
    }),
  ],
};

const lastRetention = shared(metrics.upkeepLastSuccess, { task: 'retention' }).maxBy(...byRelease);
/** Where no round has ever succeeded. */
const workerStart = value(processStart.worker).maxBy(...byRelease);

export const upkeep: RuleDeclarations = {
  name: 'tintype.upkeep',
  recordings: [],
  alerts: [
    alert({
      alert: 'TintypeRetentionStalled',
      severity: 'warning',
      for: '15m',
      expr: secondsSince(lastRetention.or(workerStart.unless(lastRetention, ...byRelease))).above(3600),
      summary: 'What is old is no longer deleted.',
      seen: 'No round of the retention of {{ $labels.service }} has succeeded for {{ $value | humanizeDuration }}.',
      response: 'The log of the workers tells why its rounds fail; until they succeed the storage and the database grow.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }],
    }),
    alert({
      alert: 'TintypeUpkeepFailing',
      severity: 'warning',
      for: '5m',
      // Rounds of the retention come every minute, and have an alert of their own.
      expr: increase(metrics.upkeepFailures, '6h', { task: anyOf('orphans', 'abandoned') })
        .sumBy(...byRelease, 'task')
        .atLeast(3),
      summary: 'Files that belong to nothing are not deleted.',
      seen: '{{ $value | humanize }} rounds of the task {{ $labels.task }} of {{ $labels.service }} failed in six hours.',
      response: 'The log of the workers tells why: `loop fails and goes on trying`; mostly the storage cannot be listed.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }, { alert: 'TintypeRetentionStalled' }],
    }),
  ],
};
