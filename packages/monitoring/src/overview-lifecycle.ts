/** Rows of the overview: what clients are told of their jobs, and what is tidied up after them. */
import { OpsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { quantiles, query, type Row } from './panels.js';
import { increase, quantile, rate, secondsSince, shared, value } from './read.js';

const recently = '$__rate_interval';

export const events: Row = {
  title: 'Events and webhooks',
  panels: [
    {
      title: 'Clients that follow jobs',
      description: 'Open streams of events, by pod of the API. EVENT_STREAMS_MAX is how many one pod lets in.',
      unit: Short,
      stacked: true,
      queries: [query(value(metrics.eventStreamsOpen).sumBy('pod'), '{{pod}}')],
    },
    {
      title: 'Events sent by type',
      description: 'To clients that follow a job.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.jobEventsSent, recently).sumBy('type'), '{{type}}')],
    },
    {
      title: 'Refused jobs by reason',
      description: 'New jobs that were not accepted because too many wait. TintypeBacklogFull fires on any.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.jobsRefused, recently).sumBy('reason'), '{{reason}}')],
    },
    {
      title: 'Webhook attempts by outcome',
      description:
        'refused: the address must not be asked; gone: the endpoint answered 410 and is disabled. TintypeWebhooksFailing fires above a half.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.webhookAttempts, recently).sumBy('outcome'), '{{outcome}}')],
    },
    {
      title: 'Time of a webhook attempt',
      description: 'How long endpoints take to answer.',
      unit: Seconds,
      queries: quantiles((q) => quantile(q, metrics.webhookAttemptDuration, recently, []), 'No webhook was sent lately.'),
    },
    {
      title: 'Webhooks that wait',
      description:
        'Deliveries that neither succeeded nor were given up, most of them for their next attempt, and those that were given up.',
      unit: Short,
      queries: [
        query(shared(metrics.webhookDeliveriesPending).maxBy(), 'pending'),
        query(increase(metrics.webhookDeliveriesFailed, '$__range').sumBy(), 'given up'),
        query(increase(metrics.webhookEndpointsDisabled, '$__range').sumBy(), 'endpoints disabled'),
      ],
    },
  ],
};

export const upkeep: Row = {
  title: 'Upkeep',
  panels: [
    {
      title: 'Files deleted by reason',
      description: 'Because of their age, because they belonged to nothing, or as unfinished ones of processes that were killed.',
      unit: Short,
      queries: [query(increase(metrics.upkeepFilesDeleted, recently).sumBy('reason'), '{{reason}}')],
    },
    {
      title: 'Records deleted by kind',
      description: 'Because of their age.',
      unit: Short,
      queries: [query(increase(metrics.upkeepRecordsDeleted, recently).sumBy('kind'), '{{kind}}')],
    },
    {
      title: 'Time since the last round',
      description: 'Since a round of the task last succeeded. TintypeRetentionStalled fires above an hour.',
      unit: Seconds,
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
