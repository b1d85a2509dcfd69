/** What the workers make of pictures, how long it takes, and what it costs. */
import {
  BytesIEC,
  BytesPerSecondIEC,
  CountsPerSecond,
  OpsPerSecond,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { type DashboardDeclaration, lately, p95, quantiles, query, type Row, spread } from '../panels.js';
import { countOf, increase, quantile, rate, sumOf } from '../read.js';
import { anyOf } from '../series.js';
import { imageProcesses } from './image-processes.js';
import { processes } from './processes.js';

const noAttempt = 'No attempt ended lately.';
const noPicture = 'No picture was worked at lately.';

const outcomes: Row = {
  title: 'Outcomes',
  panels: [
    {
      kind: 'time series',
      title: 'Outputs by action',
      shows: 'Outputs that completed, counted once for each distinct action of their pipeline.',
      normal: 'the mix that clients ask for.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [
        query(
          rate(metrics.jobsProcessed, lately, { status: 'completed' })
            .sumBy('action')
            .and(increase(metrics.jobsProcessed, '$__range').sumBy('action').above(0), 'action'),
          '{{action}}',
          'No output has ended in the time range.',
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Failed share by action',
      shows: 'Of the outputs that ended. Where one action alone fails, its parameters or its pictures are to blame.',
      normal: 'alike for all actions, a few in a hundred at most.',
      watchedBy: ['TintypeJobsFailing'],
      unit: PercentUnit,
      max: 1,
      thresholds: { orange: 0.1, red: 0.25 },
      queries: [
        query(
          rate(metrics.jobsProcessed, lately, { status: 'failed' })
            .sumBy('action')
            .dividedBy(rate(metrics.jobsProcessed, lately).sumBy('action').above(0)),
          '{{action}}',
          'No output ended lately.',
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Attempts by outcome',
      shows:
        '`completed` and `failed` end a job; `retried`, `postponed` (storage away), `crashed` and `released` put it back; `fenced` came too late.',
      normal: '`completed`; `released` when workers stop.',
      watchedBy: ['TintypeJobsRetrying', 'TintypeJobsPostponed'],
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.jobAttempts, lately).sumBy('outcome'), '{{outcome}}')],
    },
    {
      kind: 'time series',
      title: 'Failed jobs by what was to blame',
      shows:
        'Jobs that failed for good. `crash`, `storage` and `internal` are faults of the service, the others come with the job.',
      normal: '`picture`, `limit`, `request` and `source_url`, as clients err.',
      watchedBy: ['TintypeJobSuccessBudgetBurnFast', 'TintypeJobSuccessBudgetBurnSlow'],
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.jobFailures, lately).sumBy('reason'), '{{reason}}')],
    },
    {
      kind: 'time series',
      title: 'Errors of attempts by what was to blame',
      shows: 'The same for every attempt, those that are made again among them.',
      normal: 'little more than the jobs that failed.',
      watchedBy: ['TintypeJobsRetrying'],
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.attemptErrors, lately).sumBy('reason'), '{{reason}}')],
    },
    {
      kind: 'time series',
      title: 'Attempts for each job',
      shows: 'Attempts that ended, for each job that ended.',
      normal: '1; at 2 half of the work is done again.',
      watchedBy: ['TintypeJobsRetrying'],
      unit: Short,
      queries: [
        query(
          rate(metrics.jobAttempts, lately)
            .sumBy()
            .dividedBy(
              rate(metrics.jobAttempts, lately, { outcome: anyOf('completed', 'failed', 'canceled') })
                .sumBy()
                .above(0),
            ),
          'attempts',
          'No job ended lately.',
        ),
      ],
    },
  ],
};

const time: Row = {
  title: 'Time',
  panels: [
    {
      kind: 'heatmap',
      title: 'How times of attempts spread',
      shows: 'From the claim of a job to its end: how many attempts took how long.',
      normal: 'one band below a second; a second one is another kind of picture.',
      unit: Seconds,
      queries: [spread(metrics.jobDuration)],
    },
    {
      kind: 'time series',
      title: 'Time of an attempt, quantiles',
      shows: 'From the claim of a job to its end. The largest bucket is 10 s: a line there means 10 s or more.',
      normal: 'well below a second for photographs; animations and large documents take longer.',
      unit: Seconds,
      thresholds: { red: 10 },
      queries: quantiles((q) => quantile(q, metrics.jobDuration, lately, []), noAttempt),
    },
    {
      kind: 'time series',
      title: 'Time of a stage, p95',
      shows:
        '`fetch` and `store` are the storage, `decode`, `transform` and `encode` the picture, `record` is PostgreSQL. ' +
        `It is estimated from buckets of ${metrics.jobStageDuration.buckets?.join(', ')} s: a line near one of them may be well below it.`,
      normal: 'the picture takes longest.',
      unit: Seconds,
      queries: [p95(metrics.jobStageDuration, ['stage'], '{{stage}}', noAttempt)],
    },
    {
      kind: 'time series',
      title: 'Mean time of an attempt by stage',
      shows: 'What an attempt spends its time with. Work that shares a pipeline of libvips with a later stage counts there.',
      normal: 'the picture takes longest; `fetch`, `store` and `record` are thin.',
      unit: Seconds,
      stacked: true,
      queries: [
        query(
          rate(sumOf(metrics.jobStageDuration), lately)
            .sumBy('stage')
            .dividedBy(rate(countOf(metrics.jobStageDuration), lately).sumBy('stage').above(0)),
          '{{stage}}',
          noAttempt,
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Time by format and stage',
      shows:
        'Seconds of work in a second, by the format of the source (fetch, decode, transform) or of the output (encode, store): what the workers are busy with.',
      normal: 'the mix that clients send; avif costs most to encode.',
      unit: Short,
      stacked: true,
      queries: [query(rate(metrics.imageStageSeconds, lately).sumBy('stage', 'format'), '{{stage}} {{format}}', noPicture)],
    },
    {
      kind: 'time series',
      title: 'Time for a picture, by source format',
      shows: 'Seconds of fetching, decoding and transforming for each source read, by its format.',
      normal: 'steady for each format; it rises with the size of the pictures.',
      unit: Seconds,
      queries: [
        query(
          rate(metrics.imageStageSeconds, lately, { stage: anyOf('fetch', 'decode', 'transform') })
            .sumBy('format')
            .dividedBy(rate(metrics.sourceImages, lately).sumBy('format').above(0)),
          '{{format}}',
          noPicture,
        ),
      ],
    },
  ],
};

const pictures: Row = {
  title: 'Pictures',
  panels: [
    {
      kind: 'time series',
      title: 'Sources by format',
      shows: 'Source images read.',
      normal: 'what clients send.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.sourceImages, lately).sumBy('format'), '{{format}}', noPicture)],
    },
    {
      kind: 'time series',
      title: 'Results by format',
      shows: 'Images made and stored.',
      normal: 'what clients ask for.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.outputImages, lately).sumBy('format'), '{{format}}', noPicture)],
    },
    {
      kind: 'time series',
      title: 'Bytes read and written',
      shows: 'Of images, not of the other traffic of the workers.',
      normal: 'less is written than read.',
      unit: BytesPerSecondIEC,
      queries: [
        query(rate(metrics.sourceBytes, lately).sumBy(), 'read', noPicture),
        query(rate(metrics.outputBytes, lately).sumBy(), 'written', noPicture),
      ],
    },
    {
      kind: 'time series',
      title: 'Pixels read and written',
      shows: 'Of all frames: what the time of an attempt depends on most.',
      normal: 'it follows the number of pictures.',
      unit: CountsPerSecond,
      queries: [
        query(rate(metrics.sourcePixels, lately).sumBy(), 'read', noPicture),
        query(rate(metrics.outputPixels, lately).sumBy(), 'written', noPicture),
      ],
    },
    {
      kind: 'time series',
      title: 'Mean size of a source, by format',
      shows: 'Bytes of each source read.',
      normal: 'what clients send.',
      unit: BytesIEC,
      queries: [
        query(
          rate(metrics.sourceBytes, lately)
            .sumBy('format')
            .dividedBy(rate(metrics.sourceImages, lately).sumBy('format').above(0)),
          '{{format}}',
          noPicture,
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Mean size of a result, by format',
      shows: 'Bytes of each image made.',
      normal: 'avif and webp below jpeg, png above.',
      unit: BytesIEC,
      queries: [
        query(
          rate(metrics.outputBytes, lately)
            .sumBy('format')
            .dividedBy(rate(metrics.outputImages, lately).sumBy('format').above(0)),
          '{{format}}',
          noPicture,
        ),
      ],
    },
  ],
};

export const processing: DashboardDeclaration = {
  uid: 'tintype-processing',
  title: 'Processing',
  description: 'What the workers make of pictures, how long it takes, and what it costs.',
  rows: [outcomes, time, pictures, imageProcesses, processes('worker')],
};
