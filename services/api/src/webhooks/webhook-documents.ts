/** Endpoints and deliveries as clients see them. */
import { deliveryStatuses, webhookEvents, webhookTypes } from '@tintype/jobs';
import type { WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent } from '@tintype/jobs';
import { z } from 'zod';

const Time = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });
const disabledReasons = ['requested', 'gone', 'failing'] as const;

export const WebhookEndpointDocument = z
  .strictObject({
    id: z.uuid().meta({ description: 'UUIDv7' }),
    object: z.literal('webhook_endpoint'),
    url: z.string(),
    events: z.array(z.enum(webhookEvents)).nullable().meta({ description: 'Types of events that it is told of; null: all' }),
    description: z.string().nullable(),
    enabled: z.boolean(),
    disabled_at: Time.nullable(),
    disabled_reason: z.enum(disabledReasons).nullable().meta({
      description: '`requested` by a client; `gone`: it answered with 410; `failing`: nothing has succeeded for 5 days',
    }),
    failing_since: Time.nullable().meta({ description: 'Since when no request has succeeded; null while they do' }),
    previous_secret_expires_at: Time.nullable().meta({ description: 'Until when the secret before signs, too' }),
    created_at: Time,
  })
  .meta({ id: 'WebhookEndpoint', description: 'Where events of all jobs and batches are delivered to' });
export type WebhookEndpointDocument = z.output<typeof WebhookEndpointDocument>;

export const WebhookEndpointWithSecret = WebhookEndpointDocument.extend({
  secret: z.string().meta({ description: 'To verify signatures with. It is never shown again' }),
}).meta({ id: 'WebhookEndpointWithSecret', description: 'An endpoint and its new secret' });
export type WebhookEndpointWithSecret = z.output<typeof WebhookEndpointWithSecret>;

export const WebhookEndpointList = z
  .strictObject({ data: z.array(WebhookEndpointDocument).meta({ description: 'Newest first' }), ...pageOf() })
  .meta({ id: 'WebhookEndpointList' });
export type WebhookEndpointList = z.output<typeof WebhookEndpointList>;

export const WebhookDeliveryDocument = z
  .strictObject({
    id: z.uuid().meta({ description: 'The `webhook-id` of all its attempts' }),
    object: z.literal('webhook_delivery'),
    endpoint_id: z.uuid(),
    url: z.string().meta({ description: 'That of the endpoint now' }),
    type: z.enum(webhookTypes),
    job_id: z.uuid().nullable(),
    batch_id: z.uuid().nullable(),
    status: z.enum(deliveryStatuses).meta({ description: '`pending`: there will be another attempt; `failed`: it was given up' }),
    attempt: z.int().meta({ description: 'Attempts since it was created, or last delivered again by request' }),
    next_attempt_at: Time.nullable().meta({ description: 'Not before; null unless it is pending' }),
    created_at: Time,
    finished_at: Time.nullable(),
  })
  .meta({ id: 'WebhookDelivery', description: 'An event on its way to an endpoint' });
export type WebhookDeliveryDocument = z.output<typeof WebhookDeliveryDocument>;

const WebhookAttemptDocument = z
  .strictObject({
    number: z.int().meta({ description: 'From 1, for the first attempt ever' }),
    at: Time,
    duration_ms: z.int(),
    status_code: z.int().nullable().meta({ description: 'HTTP status of the answer; null where there was none' }),
    error: z.string().nullable().meta({ description: 'Why there was no answer' }),
    response: z.string().nullable().meta({ description: 'The first KiB of the answer' }),
  })
  .meta({ id: 'WebhookAttempt', description: 'One request to an endpoint' });

export const WebhookDeliveryWithAttempts = WebhookDeliveryDocument.extend({
  attempts: z.array(WebhookAttemptDocument).meta({ description: 'Oldest first' }),
}).meta({ id: 'WebhookDeliveryWithAttempts', description: 'A delivery and its log' });
export type WebhookDeliveryWithAttempts = z.output<typeof WebhookDeliveryWithAttempts>;

export const WebhookDeliveryList = z
  .strictObject({ data: z.array(WebhookDeliveryDocument).meta({ description: 'Newest first' }), ...pageOf() })
  .meta({ id: 'WebhookDeliveryList' });
export type WebhookDeliveryList = z.output<typeof WebhookDeliveryList>;

export const RedeliveredWebhooks = z
  .strictObject({ redelivered: z.int().meta({ description: 'How many are delivered again' }) })
  .meta({ id: 'RedeliveredWebhooks' });
export type RedeliveredWebhooks = z.output<typeof RedeliveredWebhooks>;

export function webhookEndpointDocument(endpoint: WebhookEndpoint): WebhookEndpointDocument {
  const { previousSecretExpiresAt: expiry } = endpoint;
  return {
    id: endpoint.id,
    object: 'webhook_endpoint',
    url: endpoint.url,
    events: endpoint.events as WebhookEvent[] | null,
    description: endpoint.description,
    enabled: endpoint.disabledAt === null,
    disabled_at: timeOf(endpoint.disabledAt),
    disabled_reason: endpoint.disabledReason,
    failing_since: timeOf(endpoint.failingSince),
    previous_secret_expires_at: expiry && expiry.getTime() > Date.now() ? timeOf(expiry) : null,
    created_at: endpoint.createdAt.toISOString(),
  };
}

export function webhookDeliveryDocument(delivery: WebhookDelivery): WebhookDeliveryDocument {
  return {
    id: delivery.id,
    object: 'webhook_delivery',
    endpoint_id: delivery.endpointId,
    url: delivery.url,
    type: delivery.type,
    job_id: delivery.jobId,
    batch_id: delivery.batchId,
    status: delivery.status,
    attempt: delivery.attempt,
    next_attempt_at: delivery.status === 'pending' ? delivery.nextAt.toISOString() : null,
    created_at: delivery.createdAt.toISOString(),
    finished_at: timeOf(delivery.finishedAt),
  };
}

export function webhookAttemptDocument(attempt: WebhookAttempt): z.output<typeof WebhookAttemptDocument> {
  const { number, at, durationMs, statusCode, error, response } = attempt;
  return { number, at: at.toISOString(), duration_ms: durationMs, status_code: statusCode, error, response };
}

function pageOf() {
  return {
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: 'To be sent as `cursor` for the next page; null on the last one' }),
  };
}

function timeOf(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
