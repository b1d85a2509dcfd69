/** How the routes of jobs are described. */
import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { JobDocument } from '@tintype/jobs';
import { ApiProblems } from '../docs/api-problems.js';
import { responseHeaders } from '../docs/response-headers.js';
import { idempotencyKey } from '../docs/idempotency-key.js';
import { traceContext } from '../docs/trace-context.js';
import { JobList } from './job-requests.js';

const schema = { type: 'string' };
const jobId = ApiParam({ name: 'id', description: 'The id of a job', schema: { type: 'string', format: 'uuid' } });

export const JobRoutes = ApiTags('Jobs');

export const CreateJobRoute = applyDecorators(
  ApiOperation({
    operationId: 'createJob',
    summary: 'Create a job',
    description:
      'Takes a source and what to make of it, and answers at once with a job to ask about. With `Prefer: wait=10` the answer waits ' +
      'up to 10 seconds for the end of the job. A request that is sent again with the same `Idempotency-Key` makes no second job.',
  }),
  ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`wait=<seconds>`: answer only when the job has finished, or the time is up (RFC 7240)',
    schema,
  }),
  idempotencyKey,
  traceContext,
  ApiResponse({
    status: 200,
    description: 'The job has finished within the time that `Prefer` allowed: completed, or failed',
    standardSchema: JobDocument,
    headers: responseHeaders('Location', 'ETag', 'Preference-Applied', 'Idempotent-Replayed'),
  }),
  ApiResponse({
    status: 202,
    description: 'The job is safe and will run',
    standardSchema: JobDocument,
    headers: responseHeaders('Location', 'ETag', 'Retry-After', 'Idempotent-Replayed'),
  }),
  ApiProblems(
    'malformed_json',
    'malformed_multipart',
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
    'insufficient_storage',
  ),
);

export const ListJobsRoute = applyDecorators(
  ApiOperation({ operationId: 'listJobs', summary: 'List jobs, newest first' }),
  ApiResponse({ status: 200, description: 'A page of the list', standardSchema: JobList, headers: responseHeaders('Link') }),
  ApiProblems('validation_failed'),
);

export const FindJobRoute = applyDecorators(
  ApiOperation({
    operationId: 'getJob',
    summary: 'Get a job',
    description: 'With `wait` the answer comes when the job has finished, or the time is up.',
  }),
  jobId,
  ApiHeader({ name: 'If-None-Match', required: false, description: 'An `ETag` of before: 304 when nothing has changed', schema }),
  ApiResponse({
    status: 200,
    description: 'The job',
    standardSchema: JobDocument,
    headers: responseHeaders('ETag', 'Retry-After'),
  }),
  ApiResponse({ status: 304, description: 'Nothing has changed', headers: responseHeaders('ETag', 'Retry-After') }),
  ApiProblems('not_found', 'validation_failed'),
);

export const CancelJobRoute = applyDecorators(
  ApiOperation({ operationId: 'cancelJob', summary: 'Cancel a job' }),
  jobId,
  ApiResponse({ status: 200, description: 'The job is canceled', standardSchema: JobDocument, headers: responseHeaders('ETag') }),
  ApiResponse({
    status: 202,
    description: 'The job is running; its worker will stop it',
    standardSchema: JobDocument,
    headers: responseHeaders('ETag', 'Retry-After'),
  }),
  ApiProblems('not_found', 'job_finished'),
);

export const RetryJobRoute = applyDecorators(
  ApiOperation({
    operationId: 'retryJob',
    summary: 'Try a failed job again',
    description: 'It is queued as if it were new, and all its outputs are made again; those that it had are deleted.',
  }),
  jobId,
  ApiResponse({
    status: 202,
    description: 'The job is queued',
    standardSchema: JobDocument,
    headers: responseHeaders('ETag', 'Retry-After'),
  }),
  ApiProblems('not_found', 'job_not_failed', 'in_use', 'results_expired', 'backlog_full'),
);

export const DeleteJobRoute = applyDecorators(
  ApiOperation({ operationId: 'deleteJob', summary: 'Delete a job and its outputs' }),
  jobId,
  ApiResponse({ status: 204, description: 'The job is gone' }),
  ApiProblems('not_found', 'job_running', 'in_use'),
);
