/** What an endpoint is sent: the payload of Standard Webhooks 1.0.0. */
import { z } from 'zod';
import { BatchDocument } from '../batch-document.js';
import { JobDocument } from '../job-document.js';

/** Types of the events of a job. */
export const jobEvents = ['job.completed', 'job.failed', 'job.canceled'] as const;
/** Types that an endpoint may be told of. */
export const webhookEvents = [...jobEvents, 'batch.completed'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** Types that are delivered: tests come when a client asks for one. */
export const webhookTypes = [...webhookEvents, 'endpoint.test'] as const;
export type WebhookType = (typeof webhookTypes)[number];

const timestamp = z.iso.datetime().meta({ description: 'When it happened; RFC 3339, UTC' });

export const JobWebhookPayload = z
  .strictObject({ type: z.enum(jobEvents), timestamp, data: JobDocument })
  .meta({ id: 'JobWebhookPayload', description: 'A job has ended; the type tells how' });

export const BatchWebhookPayload = z
  .strictObject({ type: z.literal('batch.completed'), timestamp, data: BatchDocument })
  .meta({ id: 'BatchWebhookPayload', description: 'The last job of a batch has ended' });

export const TestWebhookPayload = z
  .strictObject({ type: z.literal('endpoint.test'), timestamp, data: z.strictObject({ endpoint_id: z.uuid() }) })
  .meta({ id: 'TestWebhookPayload', description: 'Somebody tests the endpoint' });

export type WebhookPayload =
  z.infer<typeof JobWebhookPayload> | z.infer<typeof BatchWebhookPayload> | z.infer<typeof TestWebhookPayload>;
