/** How the routes of batches are described. */
import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BatchDocument } from '@tintype/jobs';
import { ApiProblems } from '../docs/api-problems.js';
import { idempotencyKey } from '../docs/idempotency-key.js';
import { responseHeaders } from '../docs/response-headers.js';
import { traceContext } from '../docs/trace-context.js';
import { BatchList, BatchRetry } from './batch-requests.js';

const batchId = ApiParam({ name: 'id', description: 'The id of a batch', schema: { type: 'string', format: 'uuid' } });

export const BatchRoutes = ApiTags('Batches');

export const CreateBatchRoute = applyDecorators(
  ApiOperation({
    operationId: 'createBatch',
    summary: 'Create up to 1,000 jobs',
    description:
      'All of them or, when something is wrong with one, none. What a job leaves out it has from `defaults`; the sources are uploads, ' +
      'outputs of earlier jobs, or URLs. `GET /v1/jobs?batch_id=…` lists the jobs.',
  }),
  idempotencyKey,
  traceContext,
  ApiResponse({
    status: 202,
    description: 'The jobs are safe and will run',
    standardSchema: BatchDocument,
    headers: responseHeaders('Location', 'Retry-After', 'Idempotent-Replayed'),
  }),
  ApiProblems(
    'malformed_json',
    'bad_request',
    'payload_too_large',
    'unsupported_media_type',
    'validation_failed',
    'preset_not_found',
    'reference_not_found',
    'source_url_disabled',
    'idempotency_in_progress',
    'idempotency_key_reused',
    'backlog_full',
  ),
);

export const ListBatchesRoute = applyDecorators(
  ApiOperation({ operationId: 'listBatches', summary: 'List batches, newest first' }),
  ApiResponse({ status: 200, description: 'A page of the list', standardSchema: BatchList, headers: responseHeaders('Link') }),
  ApiProblems('validation_failed'),
);

export const FindBatchRoute = applyDecorators(
  ApiOperation({ operationId: 'getBatch', summary: 'Get a batch' }),
  batchId,
  ApiResponse({ status: 200, description: 'The batch', standardSchema: BatchDocument, headers: responseHeaders('Retry-After') }),
  ApiProblems('not_found'),
);

export const CancelBatchRoute = applyDecorators(
  ApiOperation({ operationId: 'cancelBatch', summary: 'Cancel all jobs of a batch that have not finished' }),
  batchId,
  ApiResponse({ status: 200, description: 'The jobs are canceled', standardSchema: BatchDocument }),
  ApiResponse({
    status: 202,
    description: 'Some of the jobs are running; their workers will stop them',
    standardSchema: BatchDocument,
    headers: responseHeaders('Retry-After'),
  }),
  ApiProblems('not_found', 'batch_finished'),
);

export const RetryBatchRoute = applyDecorators(
  ApiOperation({
    operationId: 'retryBatch',
    summary: 'Try all failed jobs of a batch again',
    description: 'As `POST /v1/jobs/{id}/retry` does for one: those that it would refuse stay as they are.',
  }),
  batchId,
  ApiResponse({
    status: 202,
    description: 'The jobs are queued',
    standardSchema: BatchRetry,
    headers: responseHeaders('Retry-After'),
  }),
  ApiProblems('not_found', 'job_not_failed', 'backlog_full'),
);
