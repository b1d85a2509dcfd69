/** How the routes of webhook endpoints are described. */
import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { ApiProblems } from '../docs/api-problems.js';
import { responseHeaders } from '../docs/response-headers.js';
import {
  WebhookDeliveryDocument,
  WebhookEndpointDocument,
  WebhookEndpointList,
  WebhookEndpointWithSecret,
} from './webhook-documents.js';

const endpointId = ApiParam({
  name: 'id',
  description: 'The id of a webhook endpoint',
  schema: { type: 'string', format: 'uuid' },
});
const body = (name: string, required = true) => ApiBody({ required, schema: { $ref: `#/components/schemas/${name}` } });
const bodyProblems = [
  'malformed_json',
  'bad_request',
  'payload_too_large',
  'unsupported_media_type',
  'validation_failed',
] as const;

export const CreateWebhookEndpointRoute = applyDecorators(
  ApiOperation({
    operationId: 'createWebhookEndpoint',
    summary: 'Register an endpoint for the events of all jobs and batches',
    description: 'What is sent there is signed by Standard Webhooks 1.0.0. The answer is the only one that has the secret.',
  }),
  body('CreateWebhookEndpoint'),
  ApiResponse({
    status: 201,
    description: 'The endpoint is registered',
    standardSchema: WebhookEndpointWithSecret,
    headers: responseHeaders('Location'),
  }),
  ApiProblems(...bodyProblems),
);

export const ListWebhookEndpointsRoute = applyDecorators(
  ApiOperation({ operationId: 'listWebhookEndpoints', summary: 'List registered endpoints, newest first' }),
  ApiResponse({
    status: 200,
    description: 'A page of the list',
    standardSchema: WebhookEndpointList,
    headers: responseHeaders('Link'),
  }),
  ApiProblems('validation_failed'),
);

export const FindWebhookEndpointRoute = applyDecorators(
  ApiOperation({ operationId: 'getWebhookEndpoint', summary: 'Get a registered endpoint' }),
  endpointId,
  ApiResponse({ status: 200, description: 'The endpoint', standardSchema: WebhookEndpointDocument }),
  ApiProblems('not_found'),
);

export const ChangeWebhookEndpointRoute = applyDecorators(
  ApiOperation({
    operationId: 'changeWebhookEndpoint',
    summary: 'Change a registered endpoint, disable or enable it',
    description:
      'An endpoint that is disabled is told of nothing, and what waits for it is given up; it can be delivered again later.',
  }),
  endpointId,
  body('ChangeWebhookEndpoint'),
  ApiResponse({ status: 200, description: 'The endpoint', standardSchema: WebhookEndpointDocument }),
  ApiProblems('not_found', ...bodyProblems),
);

export const DeleteWebhookEndpointRoute = applyDecorators(
  ApiOperation({ operationId: 'deleteWebhookEndpoint', summary: 'Delete a registered endpoint and the log of its deliveries' }),
  endpointId,
  ApiResponse({ status: 204, description: 'The endpoint is gone' }),
  ApiProblems('not_found'),
);

export const RotateWebhookSecretRoute = applyDecorators(
  ApiOperation({
    operationId: 'rotateWebhookSecret',
    summary: 'Give an endpoint a new secret',
    description: 'For 24 hours everything has two signatures: by the new secret and by the one before.',
  }),
  endpointId,
  body('RotateWebhookSecret', false),
  ApiResponse({ status: 200, description: 'The endpoint and its new secret', standardSchema: WebhookEndpointWithSecret }),
  ApiProblems('not_found', ...bodyProblems),
);

export const TestWebhookEndpointRoute = applyDecorators(
  ApiOperation({ operationId: 'testWebhookEndpoint', summary: 'Send an endpoint an event of the type `endpoint.test`' }),
  endpointId,
  ApiResponse({
    status: 202,
    description: 'The event will be sent',
    standardSchema: WebhookDeliveryDocument,
    headers: responseHeaders('Location'),
  }),
  ApiProblems('not_found', 'endpoint_disabled'),
);
