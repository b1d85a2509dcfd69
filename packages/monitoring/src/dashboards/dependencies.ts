/** What Tintype needs of others, as it sees them: PostgreSQL, the storage and Redis. */
import { OpsPerSecond, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { type DashboardDeclaration, lately, p95, query, type Row, spread } from '../panels.js';
import { countOf, increase, rate, secondsSince, shared, value } from '../read.js';

const states = { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } } as const;
const noStatement = 'No statement was sent lately.';
const noOperation = 'The storage was not used lately.';

const health: Row = {
  title: 'Health',
  panels: [
    {
      kind: 'stat',
      title: 'Seen by every pod',
      shows: 'Down when any pod cannot use it, as the readiness probe of the pod finds.',
      normal: 'all up.',
      watchedBy: ['TintypeDependencyDown', 'TintypeDependencyFlaky', 'TintypeRedisDown'],
      unit: Short,
      tall: true,
      words: states,
      queries: [query(value(metrics.dependencyUp).minBy('dependency'), '{{dependency}}')],
    },
    {
      kind: 'time series',
      title: 'Share of pods that can use it',
      shows: 'A dip of one pod alone is a matter of its node or of a network policy.',
      normal: '100 %.',
      watchedBy: ['TintypeDependencyDown', 'TintypeDependencyFlaky', 'TintypeRedisDown'],
      unit: PercentUnit,
      max: 1,
      queries: [query(value(metrics.dependencyUp).avgBy('job', 'dependency'), '{{job}} {{dependency}}')],
    },
    {
      kind: 'time series',
      title: 'Metrics that cannot be read',
      shows: 'Gauges that a pod reads for a scrape and could not; they are then missing.',
      normal: 'none.',
      watchedBy: ['TintypeGaugeUnreadable'],
      unit: Short,
      queries: [
        query(
          increase(metrics.collectFailures, lately).sumBy('metric'),
          '{{metric}}',
          'Every gauge could be read.',
          'postgresql-away',
        ),
      ],
    },
  ],
};

const postgresql: Row = {
  title: 'PostgreSQL',
  panels: [
    {
      kind: 'time series',
      title: 'Time of a statement, p95',
      shows: 'From a free connection to the result, by what the statement is for.',
      normal: 'below 25 ms; `other` has the upkeep in it, which takes its time.',
      watchedBy: ['TintypeDatabaseSlow'],
      unit: Seconds,
      thresholds: { orange: 0.5 },
      queries: [p95(metrics.dbQueryDuration, ['statement'], '{{statement}}', noStatement)],
    },
    {
      kind: 'heatmap',
      title: 'How times of statements spread',
      shows: 'How many statements took how long.',
      normal: 'the lowest rows.',
      unit: Seconds,
      queries: [spread(metrics.dbQueryDuration)],
    },
    {
      kind: 'time series',
      title: 'Statements',
      shows: 'By what they are for.',
      normal: 'they follow the requests and the jobs; workers without work claim twice a second.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(countOf(metrics.dbQueryDuration), lately).sumBy('statement'), '{{statement}}', noStatement)],
    },
    {
      kind: 'time series',
      title: 'Statements that failed',
      shows: '`connection`: there was none. `timeout`: no answer in time. `refused`: PostgreSQL said no.',
      normal: 'none.',
      watchedBy: ['TintypeDatabaseErrors'],
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.dbQueryErrors, lately).sumBy('reason'), '{{reason}}')],
    },
    {
      kind: 'time series',
      title: 'Connections',
      shows: 'Of all pods, by state, and how many they may have (`PG_POOL_SIZE` of each).',
      normal: '`used` well below the limit.',
      watchedBy: ['TintypeDatabasePoolExhausted'],
      unit: Short,
      queries: [
        query(value(metrics.dbPoolConnections).sumBy('job', 'state'), '{{job}} {{state}}'),
        query(value(metrics.dbPoolMax).sumBy('job'), '{{job}} limit'),
      ],
    },
    {
      kind: 'time series',
      title: 'Statements that wait for a connection',
      shows: 'By pod.',
      normal: 'none, or for moments.',
      watchedBy: ['TintypeDatabasePoolExhausted'],
      unit: Short,
      thresholds: { orange: 1 },
      queries: [query(value(metrics.dbPoolWaiting).maxBy('pod'), '{{pod}}')],
    },
  ],
};

const storage: Row = {
  title: 'Storage',
  panels: [
    {
      kind: 'time series',
      title: 'Time of an operation, p95',
      shows: 'By kind; of a read, to the first byte. An upload takes as long as the line of the client.',
      normal: 'below 100 ms on a volume, a few hundred with S3.',
      unit: Seconds,
      queries: [p95(metrics.storageDuration, ['operation'], '{{operation}}', noOperation)],
    },
    {
      kind: 'time series',
      title: 'Operations',
      shows: 'By kind.',
      normal: 'they follow the requests and the jobs; `other` is checks, deletions and lists of the upkeep.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(countOf(metrics.storageDuration), lately).sumBy('operation'), '{{operation}}', noOperation)],
    },
    {
      kind: 'time series',
      title: 'Operations that failed',
      shows: 'By kind and reason; that an object is missing is no failure.',
      normal: 'none.',
      watchedBy: ['TintypeStorageErrors', 'TintypeStorageFull'],
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.storageErrors, lately).sumBy('operation', 'reason'), '{{operation}} {{reason}}')],
    },
    {
      kind: 'heatmap',
      title: 'How times of operations spread',
      shows: 'How many operations took how long.',
      normal: 'one band for a volume, a wider one for S3.',
      unit: Seconds,
      queries: [spread(metrics.storageDuration)],
    },
    {
      kind: 'time series',
      title: 'Refused uploads for want of space',
      shows: 'Of clients, because the storage or the temporary files had no space.',
      normal: 'none.',
      watchedBy: ['TintypeStorageFull'],
      more: 'tintype-api',
      unit: Short,
      queries: [query(increase(metrics.uploadsRejected, lately, { reason: 'out_of_space' }).sumBy(), 'out of space')],
    },
    {
      kind: 'time series',
      title: 'Attempts put off',
      shows: 'Jobs that were put off because the storage could not be read or written; they are tried for a day.',
      normal: 'none.',
      watchedBy: ['TintypeJobsPostponed'],
      more: 'tintype-processing',
      unit: Short,
      queries: [query(increase(metrics.jobAttempts, lately, { outcome: 'postponed' }).sumBy(), 'put off')],
    },
  ],
};

const redis: Row = {
  title: 'Redis',
  panels: [
    {
      kind: 'time series',
      title: 'Lost connections to Redis',
      shows: 'By job. Redis only wakes workers: without it jobs start up to half a second later.',
      normal: 'none.',
      watchedBy: ['TintypeRedisDown'],
      unit: Short,
      width: 12,
      queries: [query(increase(metrics.redisReconnects, lately).sumBy('job'), '{{job}}')],
    },
    {
      kind: 'time series',
      title: 'Wakes that failed',
      shows: 'Share of the wakes of workers that Redis did not take.',
      normal: 'none.',
      watchedBy: ['TintypeWakesFailing'],
      more: 'tintype-queue',
      unit: PercentUnit,
      width: 12,
      max: 1,
      queries: [
        query(
          rate(metrics.queueWakes, lately, { outcome: 'failed' })
            .sumBy()
            .dividedBy(rate(metrics.queueWakes, lately).sumBy().above(0)),
          'failed',
          'No worker was woken lately.',
        ),
      ],
    },
  ],
};

const upkeep: Row = {
  title: 'Upkeep',
  panels: [
    {
      kind: 'time series',
      title: 'Files deleted by reason',
      shows: 'Because of their age, because they belonged to nothing, or as unfinished ones of processes that were killed.',
      normal: '`retention`, as much as was made some days ago.',
      unit: Short,
      width: 6,
      queries: [query(increase(metrics.upkeepFilesDeleted, lately).sumBy('reason'), '{{reason}}')],
    },
    {
      kind: 'time series',
      title: 'Records deleted by kind',
      shows: 'Because of their age.',
      normal: 'as many as were made some days ago.',
      unit: Short,
      width: 6,
      queries: [query(increase(metrics.upkeepRecordsDeleted, lately).sumBy('kind'), '{{kind}}')],
    },
    {
      kind: 'time series',
      title: 'Rounds that failed',
      shows: 'Of the upkeep, by task.',
      normal: 'none.',
      watchedBy: ['TintypeUpkeepFailing'],
      unit: Short,
      width: 6,
      queries: [query(increase(metrics.upkeepFailures, lately).sumBy('task'), '{{task}}')],
    },
    {
      kind: 'time series',
      title: 'Time since the last round',
      shows: 'Since a round of the task last succeeded.',
      normal: 'saw teeth that stay low.',
      watchedBy: ['TintypeRetentionStalled'],
      unit: Seconds,
      width: 6,
      thresholds: { orange: 3600 },
      queries: [
        query(
          secondsSince(shared(metrics.upkeepLastSuccess).maxBy('task')),
          '{{task}}',
          'No round of the upkeep has succeeded since the workers started.',
        ),
      ],
    },
  ],
};

export const dependencies: DashboardDeclaration = {
  uid: 'tintype-dependencies',
  title: 'Storage and database',
  description: 'What Tintype needs of others, as it sees them: PostgreSQL, the storage and Redis.',
  rows: [health, postgresql, storage, redis, upkeep],
};
