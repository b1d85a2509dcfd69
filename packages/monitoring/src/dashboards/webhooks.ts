/** Whether clients are told when their jobs end. */
import { OpsPerSecond, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { type DashboardDeclaration, lately, quantiles, query, type Row, spread } from '../panels.js';
import { increase, quantile, rate, shared } from '../read.js';
import { noneOf } from '../series.js';

const noAttempt = 'No webhook was sent lately.';
const attempts = rate(metrics.webhookAttempts, lately).sumBy();
const inVain = query(
  rate(metrics.webhookAttempts, lately, { outcome: noneOf('delivered') })
    .sumBy()
    .dividedBy(attempts.above(0)),
  'in vain',
  noAttempt,
);

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Attempts',
      shows: 'Requests to webhook endpoints per second.',
      normal: 'one for each event that an endpoint wants.',
      unit: OpsPerSecond,
      width: 6,
      queries: [query(attempts, 'attempts')],
    },
    {
      kind: 'stat',
      title: 'In vain',
      shows: 'Share of the attempts that did not deliver.',
      normal: 'a few in a hundred.',
      watchedBy: ['TintypeWebhooksFailing'],
      unit: PercentUnit,
      width: 6,
      thresholds: { orange: 0.1, red: 0.5 },
      queries: [inVain],
    },
    {
      kind: 'stat',
      title: 'Pending',
      shows: 'Deliveries that have neither succeeded nor been given up, most of them for their next attempt.',
      normal: 'near zero; it grows while an endpoint is away.',
      unit: Short,
      width: 6,
      queries: [query(shared(metrics.webhookDeliveriesPending).maxBy(), 'pending')],
    },
    {
      kind: 'stat',
      title: 'Longest overdue',
      shows:
        'How long the delivery that has waited longest could have been sent; 0 when all wait for their time, or for a slow endpoint.',
      normal: 'a second or two.',
      watchedBy: ['TintypeWebhooksLate'],
      unit: Seconds,
      width: 6,
      thresholds: { orange: 30, red: 120 },
      queries: [query(shared(metrics.oldestPendingWebhookAge).maxBy(), 'oldest')],
    },
  ],
};

const sent: Row = {
  title: 'Attempts',
  panels: [
    {
      kind: 'time series',
      title: 'Attempts by outcome',
      shows: '`refused`: the address must not be asked. `gone`: the endpoint answered 410 and is disabled.',
      normal: '`delivered`.',
      watchedBy: ['TintypeWebhooksFailing'],
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.webhookAttempts, lately).sumBy('outcome'), '{{outcome}}')],
    },
    {
      kind: 'time series',
      title: 'Share of attempts in vain',
      shows: 'Of all endpoints together: a single one that is away shows as its share of the attempts.',
      normal: 'a few in a hundred.',
      watchedBy: ['TintypeWebhooksFailing'],
      unit: PercentUnit,
      max: 1,
      thresholds: { orange: 0.1, red: 0.5 },
      queries: [inVain],
    },
    {
      kind: 'time series',
      title: 'Time of an attempt',
      shows: 'How long endpoints take to answer.',
      normal: 'below a second; lines at the top are endpoints that do not answer at all.',
      unit: Seconds,
      queries: quantiles((q) => quantile(q, metrics.webhookAttemptDuration, lately, []), noAttempt),
    },
    {
      kind: 'heatmap',
      title: 'How times of attempts spread',
      shows: 'How many attempts took how long.',
      normal: 'one band for each endpoint.',
      unit: Seconds,
      width: 24,
      queries: [spread(metrics.webhookAttemptDuration)],
    },
  ],
};

const waiting: Row = {
  title: 'Deliveries',
  panels: [
    {
      kind: 'time series',
      title: 'Pending deliveries',
      shows: 'Neither succeeded nor given up, most of them for their next attempt.',
      normal: 'near zero; it grows while an endpoint is away.',
      unit: Short,
      queries: [query(shared(metrics.webhookDeliveriesPending).maxBy(), 'pending')],
    },
    {
      kind: 'time series',
      title: 'Age of the oldest delivery that is due',
      shows: 'How long the delivery that has waited longest could have been sent.',
      normal: 'a second or two.',
      watchedBy: ['TintypeWebhooksLate'],
      unit: Seconds,
      thresholds: { orange: 30, red: 120 },
      queries: [query(shared(metrics.oldestPendingWebhookAge).maxBy(), 'oldest')],
    },
    {
      kind: 'time series',
      title: 'Deliveries given up',
      shows: 'After their last attempt, or because their endpoint was disabled. They can be sent again when it works.',
      normal: 'none.',
      watchedBy: ['TintypeWebhooksGivenUp'],
      unit: Short,
      queries: [query(increase(metrics.webhookDeliveriesFailed, lately).sumBy('reason'), '{{reason}}')],
    },
  ],
};

const endpoints: Row = {
  title: 'Endpoints',
  panels: [
    {
      kind: 'time series',
      title: 'Endpoints by state',
      shows: 'In the database. Nothing is sent to those that are disabled.',
      normal: '`enabled`.',
      unit: Short,
      width: 12,
      stacked: true,
      queries: [query(shared(metrics.webhookEndpoints).maxBy('state'), '{{state}}')],
    },
    {
      kind: 'time series',
      title: 'Endpoints disabled by reason',
      shows: '`requested`: by their owner. `gone`: answered 410. `failing`: nothing could be delivered for days.',
      normal: '`requested` now and then.',
      watchedBy: ['TintypeWebhookEndpointDisabled'],
      unit: Short,
      width: 12,
      stacked: true,
      queries: [query(increase(metrics.webhookEndpointsDisabled, lately).sumBy('reason'), '{{reason}}')],
    },
  ],
};

export const webhooks: DashboardDeclaration = {
  uid: 'tintype-webhooks',
  title: 'Webhooks',
  description: 'Whether clients are told when their jobs end.',
  rows: [now, sent, waiting, endpoints],
};
