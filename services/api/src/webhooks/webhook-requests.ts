/** What clients send about webhooks. */
import { deliveryStatuses, isWebhookSecret, jobEvents, webhookEvents } from '@tintype/jobs';
import { z } from 'zod';
import { httpUrl } from '../http/http-url.js';
import { Cursor } from '../jobs/cursor.js';

// The most that an index can hold, beside a secret.
const maxUrlLength = 2000;
const maxDescriptionLength = 500;

const Url = httpUrl(maxUrlLength).meta({ description: 'Where events are posted to: with http or https, at a public address' });

const Secret = z
  .string()
  .refine(isWebhookSecret, 'must be `whsec_` and 24 to 64 bytes in base64')
  .meta({ description: 'Signs what is sent: `whsec_` and 24 to 64 bytes in base64', examples: [`whsec_${'A'.repeat(32)}`] });

const Events = z.array(z.enum(webhookEvents)).min(1).meta({ description: 'Types of events to be told of' });
const Description = z.string().max(maxDescriptionLength).meta({ description: 'A note for people' });

/** `POST /v1/webhook-endpoints`. */
export const CreateWebhookEndpoint = z
  .strictObject({
    url: Url,
    events: Events.optional().meta({ description: 'Types of events to be told of; all when left out' }),
    description: Description.optional(),
    secret: Secret.optional().meta({ description: 'A secret of your own; when left out, one is made' }),
  })
  .meta({ id: 'CreateWebhookEndpoint' });

/** `PATCH /v1/webhook-endpoints/{id}`. */
export const ChangeWebhookEndpoint = z
  .strictObject({
    url: Url.optional(),
    events: Events.nullable().optional().meta({ description: 'Types of events to be told of; null: all' }),
    description: Description.nullable().optional(),
    enabled: z.boolean().optional().meta({ description: 'What waits for an endpoint that is disabled is given up' }),
  })
  .meta({ id: 'ChangeWebhookEndpoint', description: 'What is left out stays as it is' });

/** `POST /v1/webhook-endpoints/{id}/rotate-secret`. */
export const RotateWebhookSecret = z
  .strictObject({ secret: Secret.optional().meta({ description: 'A secret of your own; when left out, one is made' }) })
  .meta({ id: 'RotateWebhookSecret' });

/** `POST /v1/webhook-deliveries/redeliver`. */
export const RedeliverWebhooks = z
  .strictObject({
    since: z.iso.datetime({ offset: true }).meta({ description: 'Deliveries created after that' }),
    until: z.iso.datetime({ offset: true }).optional().meta({ description: 'And before that; now when left out' }),
    endpoint_id: z.uuid().optional().meta({ description: 'Only those to this endpoint' }),
    status: z
      .enum(['failed', 'delivered'])
      .default('failed')
      .meta({ description: '`failed`: those that were given up; `delivered`: those that the endpoint has taken' }),
  })
  .meta({ id: 'RedeliverWebhooks' });

const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'How many of them a page has at most' }),
  cursor: Cursor.optional().meta({ description: 'The `next_cursor` of the page before' }),
};

export const ListWebhookEndpoints = z.strictObject(page);
export type ListWebhookEndpoints = z.output<typeof ListWebhookEndpoints>;

export const ListWebhookDeliveries = z.strictObject({
  endpoint_id: z.uuid().optional().meta({ description: 'Only deliveries to this endpoint' }),
  job_id: z.uuid().optional().meta({ description: 'Only deliveries about this job' }),
  status: z.enum(deliveryStatuses).optional().meta({ description: 'Only deliveries in this state' }),
  ...page,
});
export type ListWebhookDeliveries = z.output<typeof ListWebhookDeliveries>;

/** The `webhook` of a batch. */
export const BatchWebhook = z
  .strictObject({ url: Url, secret: Secret })
  .meta({ id: 'BatchWebhook', description: 'Who is told of its end, beside the registered endpoints' });

/** The `webhook` of a job. */
export const JobWebhook = BatchWebhook.extend({
  events: z.array(z.enum(jobEvents)).min(1).optional().meta({ description: 'The ends to be told of; all when left out' }),
}).meta({ id: 'JobWebhook', description: 'Who is told of its end, beside the registered endpoints' });
export type JobWebhook = z.output<typeof JobWebhook>;
