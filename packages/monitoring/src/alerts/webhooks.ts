import { metrics } from '@tintype/metrics';
import { increase, rate, shared } from '../read.js';
import { alert, byRelease, type RuleDeclarations } from '../rules.js';
import { noneOf } from '../series.js';

const inVain = { outcome: noneOf('delivered') };

export const webhooks: RuleDeclarations = {
  name: 'tintype.webhooks',
  recordings: [],
  alerts: [
    alert({
      alert: 'TintypeWebhooksLate',
      severity: 'critical',
      for: '5m',
      expr: shared(metrics.oldestPendingWebhookAge)
        .maxBy(...byRelease)
        .above(120),
      summary: 'Webhooks that are due are not sent.',
      seen: 'A delivery has been due for {{ $value | humanizeDuration }} in {{ $labels.namespace }}.',
      response: 'The API sends them: look at its log and its processor time; one endpoint that hangs holds up only its own.',
      dashboard: 'tintype-webhooks',
      inhibitedBy: [{ alert: 'TintypeApiDown' }, { alert: 'TintypeDependencyDown' }],
    }),
    alert({
      alert: 'TintypeWebhooksFailing',
      severity: 'warning',
      for: '15m',
      expr: rate(metrics.webhookAttempts, '15m', inVain)
        .sumBy(...byRelease)
        .dividedBy(
          rate(metrics.webhookAttempts, '15m')
            .sumBy(...byRelease)
            .above(0),
        )
        .above(0.5)
        .and(
          increase(metrics.webhookAttempts, '15m', inVain)
            .sumBy(...byRelease)
            .atLeast(10),
          ...byRelease,
        ),
      summary: 'Most attempts to deliver webhooks fail.',
      seen: '{{ $value | humanizePercentage }} of the requests of {{ $labels.service }} to webhook endpoints failed in 15 minutes.',
      response: 'GET /v1/webhook-deliveries?status=pending shows to whom and why; attempts go on for days.',
      dashboard: 'tintype-webhooks',
    }),
    alert({
      alert: 'TintypeWebhooksGivenUp',
      severity: 'warning',
      for: '1m',
      expr: increase(metrics.webhookDeliveriesFailed, '1h', { reason: 'attempts' })
        .sumBy(...byRelease)
        .above(0),
      summary: 'Webhooks were given up after their last attempt.',
      seen: '{{ $labels.service }} gave {{ $value | humanize }} deliveries up in an hour.',
      response: 'When the endpoint works again: POST /v1/webhook-deliveries/redeliver with the time since when.',
      dashboard: 'tintype-webhooks',
      inhibitedBy: [{ alert: 'TintypeWebhookEndpointDisabled' }],
    }),
    alert({
      alert: 'TintypeWebhookEndpointDisabled',
      severity: 'warning',
      for: '1m',
      expr: increase(metrics.webhookEndpointsDisabled, '1h', { reason: 'failing' })
        .sumBy(...byRelease)
        .above(0),
      summary: 'A webhook endpoint was disabled because nothing could be delivered to it for days.',
      seen: '{{ $labels.service }} disabled {{ $value | humanize }} endpoints in an hour.',
      response: 'GET /v1/webhook-endpoints names them; tell their owners, and enable them when they work again.',
      dashboard: 'tintype-webhooks',
    }),
  ],
};
