/** What the routes of webhooks have in common, and what endpoints get, for the description of this API. */
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiTags } from '@nestjs/swagger';

export const WebhookRoutes = ApiTags('Webhooks');

const header = (name: string, description: string) => ({
  name,
  in: 'header' as const,
  required: true,
  description,
  schema: { type: 'string' as const },
});

function webhook(operationId: string, summary: string, payload: string): NonNullable<OpenAPIObject['webhooks']>[string] {
  return {
    post: {
      operationId,
      summary,
      tags: ['Webhooks'],
      parameters: [
        header('webhook-id', 'The same for every attempt: whoever has seen it has seen the event'),
        header('webhook-timestamp', 'When this attempt was made, in seconds since 1970'),
        header('webhook-signature', 'One or more signatures of id, timestamp and body, by Standard Webhooks'),
      ],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${payload}` } } },
      },
      responses: {
        '2XX': { description: 'Taken' },
        410: { description: 'Send no more: the endpoint is disabled' },
        default: { description: 'Try again later; after the time that `Retry-After` names, if it does' },
      },
    },
  };
}

export const webhooks: NonNullable<OpenAPIObject['webhooks']> = {
  job: webhook('jobWebhook', 'A job has ended', 'JobWebhookPayload'),
  batch: webhook('batchWebhook', 'The last job of a batch has ended', 'BatchWebhookPayload'),
  test: webhook('testWebhook', 'Somebody tests the endpoint', 'TestWebhookPayload'),
};
