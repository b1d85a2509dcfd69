/** How the routes of webhook deliveries are described. */
import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { ApiProblems } from '../docs/api-problems.js';
import { responseHeaders } from '../docs/response-headers.js';
import { RedeliveredWebhooks, WebhookDeliveryList, WebhookDeliveryWithAttempts } from './webhook-documents.js';

const deliveryId = ApiParam({
  name: 'id',
  description: 'The id of a delivery: its `webhook-id`',
  schema: { type: 'string', format: 'uuid' },
});

export const ListWebhookDeliveriesRoute = applyDecorators(
  ApiOperation({
    operationId: 'listWebhookDeliveries',
    summary: 'List webhook deliveries, newest first',
    description: 'To registered endpoints, and to those that jobs and batches name.',
  }),
  ApiResponse({
    status: 200,
    description: 'A page of the list',
    standardSchema: WebhookDeliveryList,
    headers: responseHeaders('Link'),
  }),
  ApiProblems('validation_failed'),
);

export const FindWebhookDeliveryRoute = applyDecorators(
  ApiOperation({ operationId: 'getWebhookDelivery', summary: 'Get a webhook delivery with its attempts' }),
  deliveryId,
  ApiResponse({ status: 200, description: 'The delivery', standardSchema: WebhookDeliveryWithAttempts }),
  ApiProblems('not_found'),
);

export const RedeliverWebhookRoute = applyDecorators(
  ApiOperation({
    operationId: 'redeliverWebhook',
    summary: 'Deliver an event again',
    description: 'With the same `webhook-id` and the same body, and with as many attempts as at first.',
  }),
  deliveryId,
  ApiResponse({ status: 202, description: 'It will be sent', standardSchema: WebhookDeliveryWithAttempts }),
  ApiProblems('not_found', 'delivery_pending', 'endpoint_disabled'),
);

export const RedeliverWebhooksRoute = applyDecorators(
  ApiOperation({
    operationId: 'redeliverWebhooks',
    summary: 'Deliver all events of a time again',
    description: 'Those that were given up, or those that were taken. Deliveries to disabled endpoints are left out.',
  }),
  ApiBody({ required: true, schema: { $ref: '#/components/schemas/RedeliverWebhooks' } }),
  ApiResponse({ status: 202, description: 'They will be sent', standardSchema: RedeliveredWebhooks }),
  ApiProblems('malformed_json', 'bad_request', 'payload_too_large', 'unsupported_media_type', 'validation_failed'),
);
