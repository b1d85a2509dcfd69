import { api, ofApi, otherApi, type Scenario } from '../scenario.js';

export const webhooksScenarios: readonly Scenario[] = [
  {
    alert: 'TintypeWebhooksLate',
    about: 'a delivery is due and nobody sends it, as both pods of the API say',
    series: {
      [`webhook_oldest_pending_age_seconds{${api},pod="a"}`]: '0+60x20',
      [`webhook_oldest_pending_age_seconds{${api},pod="b"}`]: '0+60x20',
    },
    at: '10m',
    fires: { labels: ofApi, seen: 'A delivery has been due for 10m 0s in pictures.' },
  },
  {
    alert: 'TintypeWebhooksLate',
    about: 'deliveries take a minute',
    series: { [`webhook_oldest_pending_age_seconds{${api},pod="a"}`]: '60x20' },
    at: '15m',
  },

  {
    alert: 'TintypeWebhooksFailing',
    about: 'three attempts of four fail',
    series: {
      [`webhook_attempts_total{${api},outcome="delivered"}`]: '0+1x40',
      [`webhook_attempts_total{${api},outcome="failed"}`]: '0+2x40',
      [`webhook_attempts_total{${api},outcome="refused"}`]: '0+1x40',
    },
    at: '35m',
    fires: {
      labels: ofApi,
      seen: '75% of the requests of demo-tintype-api to webhook endpoints failed in 15 minutes.',
    },
  },
  {
    alert: 'TintypeWebhooksFailing',
    about: 'a third fails, or all of hardly any',
    series: {
      [`webhook_attempts_total{${api},outcome="delivered"}`]: '0+2x40',
      [`webhook_attempts_total{${api},outcome="failed"}`]: '0+1x40',
      [`webhook_attempts_total{${otherApi},outcome="failed"}`]: '0+1x40',
    },
    at: '35m',
  },

  {
    alert: 'TintypeWebhooksGivenUp',
    about: 'a delivery was given up',
    series: { [`webhook_deliveries_failed_total{${api},reason="attempts"}`]: '0x10 1x10' },
    at: '14m',
    fires: { labels: ofApi, seen: 'demo-tintype-api gave 1 deliveries up in an hour.' },
  },
  {
    alert: 'TintypeWebhooksGivenUp',
    about: 'that was long ago',
    series: {
      [`webhook_deliveries_failed_total{${api},reason="attempts"}`]: '7x90',
      [`webhook_deliveries_failed_total{${api},reason="disabled"}`]: '0+1x90',
    },
    at: '80m',
  },

  {
    alert: 'TintypeWebhookEndpointDisabled',
    about: 'an endpoint has failed for days',
    series: { [`webhook_endpoints_disabled_total{${api},reason="failing"}`]: '0x10 1x10' },
    at: '14m',
    fires: { labels: ofApi, seen: 'demo-tintype-api disabled 1 endpoints in an hour.' },
  },
  {
    alert: 'TintypeWebhookEndpointDisabled',
    about: 'their owners wanted it',
    series: {
      [`webhook_endpoints_disabled_total{${api},reason="requested"}`]: '0+1x20',
      [`webhook_endpoints_disabled_total{${api},reason="gone"}`]: '0+1x20',
    },
    at: '14m',
  },
];
