import { metrics } from '@tintype/metrics';
import { countOf, increase, overTime, quantile, rate, value } from '../read.js';
import { alert, byRelease, type RuleDeclarations } from '../rules.js';
import { anyOf, noneOf } from '../series.js';

/** Redis only makes jobs start sooner. */
const needed = { dependency: anyOf('postgresql', 'storage') };
/** Statements of the upkeep and of migrations take their time. */
const ofJobs = { statement: noneOf('other') };
const unavailable = { reason: 'unavailable' } as const;

export const dependencies: RuleDeclarations = {
  name: 'tintype.dependencies',
  recordings: [],
  alerts: [
    alert({
      alert: 'TintypeDependencyDown',
      severity: 'critical',
      for: '2m',
      expr: value(metrics.dependencyUp, needed)
        .maxBy(...byRelease, 'dependency')
        .equals(0),
      summary: 'A service without which nothing works is away for every pod.',
      seen: 'No pod of {{ $labels.service }} in {{ $labels.namespace }} can use {{ $labels.dependency }}.',
      response: 'Look at it, not at Tintype: the pods go on by themselves when it is back, and nothing accepted is lost.',
      dashboard: 'tintype-dependencies',
    }),
    alert({
      alert: 'TintypeDependencyFlaky',
      severity: 'warning',
      for: '10m',
      expr: overTime('avg', value(metrics.dependencyUp), '15m')
        .avgBy(...byRelease, 'dependency')
        .below(0.9),
      summary: 'A service is away now and then, or for some pods.',
      seen: 'In 15 minutes the pods of {{ $labels.service }} could use {{ $labels.dependency }} for {{ $value | humanizePercentage }} of the time.',
      response: 'Compare the pods on the dashboard: one of them alone is a matter of its node, all of them of the service.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [
        { alert: 'TintypeDependencyDown', equal: ['dependency'] },
        { alert: 'TintypeRedisDown', equal: ['dependency'] },
      ],
    }),
    alert({
      alert: 'TintypeRedisDown',
      severity: 'warning',
      for: '5m',
      expr: value(metrics.dependencyUp, { dependency: 'redis' })
        .maxBy(...byRelease, 'dependency')
        .equals(0),
      summary: 'Redis is away for every pod; jobs start up to half a second later.',
      seen: 'No pod of {{ $labels.service }} in {{ $labels.namespace }} can use {{ $labels.dependency }}.',
      response: 'No job is lost or held up: workers look for jobs by themselves. Bring Redis back in working hours.',
      dashboard: 'tintype-dependencies',
    }),
    alert({
      alert: 'TintypeWakesFailing',
      severity: 'warning',
      for: '10m',
      expr: increase(metrics.queueWakes, '10m', { outcome: 'failed' })
        .sumBy(...byRelease)
        .atLeast(10),
      summary: 'Redis does not take the wakes of workers; jobs start up to half a second later.',
      seen: '{{ $value | humanize }} wakes of {{ $labels.service }} failed in ten minutes.',
      response: 'Redis is full, read-only or in the middle of a failover; no job is lost.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [{ alert: 'TintypeRedisDown' }],
    }),
    alert({
      alert: 'TintypeDatabasePoolExhausted',
      severity: 'warning',
      for: '5m',
      expr: value(metrics.dbPoolWaiting).maxBy('namespace', 'service', 'pod').above(0),
      summary: 'Statements wait for a connection to PostgreSQL.',
      seen: '{{ $value | humanize }} statements wait in pod {{ $labels.pod }}.',
      response: 'PostgreSQL is slow and holds the connections, or there is more work than PG_POOL_SIZE connections can do.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }, { alert: 'TintypeDatabaseSlow' }],
    }),
    alert({
      alert: 'TintypeDatabaseErrors',
      severity: 'warning',
      for: '5m',
      expr: increase(metrics.dbQueryErrors, '10m')
        .sumBy(...byRelease, 'reason')
        .atLeast(10),
      summary: 'Statements fail in PostgreSQL.',
      seen: '{{ $value | humanize }} statements of {{ $labels.service }} failed in ten minutes: {{ $labels.reason }}.',
      response: 'The logs have the error of each; refused ones are out of space, of rights or of connections.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }],
    }),
    alert({
      alert: 'TintypeDatabaseSlow',
      severity: 'warning',
      for: '10m',
      expr: quantile(0.95, metrics.dbQueryDuration, '5m', byRelease, ofJobs)
        .above(0.5)
        .and(
          increase(countOf(metrics.dbQueryDuration), '5m', ofJobs)
            .sumBy(...byRelease)
            .atLeast(20),
          ...byRelease,
        ),
      summary: 'PostgreSQL is slow.',
      seen: 'One in twenty statements of {{ $labels.service }} takes longer than {{ $value | humanizeDuration }}.',
      response: 'Look at what PostgreSQL waits for: locks, its disk, or too little memory.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }],
    }),
    alert({
      alert: 'TintypeStorageErrors',
      severity: 'warning',
      for: '5m',
      expr: rate(metrics.storageErrors, '10m', unavailable)
        .sumBy(...byRelease)
        .dividedBy(
          rate(countOf(metrics.storageDuration), '10m')
            .sumBy(...byRelease)
            .above(0),
        )
        .above(0.05)
        .and(
          increase(metrics.storageErrors, '10m', unavailable)
            .sumBy(...byRelease)
            .atLeast(10),
          ...byRelease,
        ),
      summary: 'Operations of the storage fail.',
      seen: '{{ $value | humanizePercentage }} of the operations of the storage of {{ $labels.service }} failed in ten minutes.',
      response: 'The dashboard shows which operations; the log has their errors.',
      dashboard: 'tintype-dependencies',
      inhibitedBy: [{ alert: 'TintypeDependencyDown' }, { alert: 'TintypeJobsPostponed' }],
    }),
    alert({
      alert: 'TintypeStorageFull',
      severity: 'critical',
      for: '1m',
      expr: increase(metrics.uploadsRejected, '10m', { reason: 'out_of_space' })
        .sumBy(...byRelease)
        .above(0)
        .or(
          increase(metrics.storageErrors, '10m', { reason: 'out_of_space' })
            .sumBy(...byRelease)
            .above(0),
        ),
      summary: 'There is no space left for images.',
      seen: '{{ $labels.service }} found no space for {{ $value | humanize }} files in ten minutes.',
      response: 'Enlarge the volume or the quota of the storage, or the temporary storage of the pods.',
      dashboard: 'tintype-dependencies',
    }),
  ],
};
