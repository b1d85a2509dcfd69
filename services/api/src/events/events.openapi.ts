/** How the routes of events are described. */
import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../docs/api-problems.js';
import { JobHistoryDocument } from './events-requests.js';

const schema = { type: 'string' };
const jobId = ApiParam({ name: 'id', description: 'The id of a job', schema: { type: 'string', format: 'uuid' } });

export const EventRoutes = ApiTags('Jobs');

export const FollowJobRoute = applyDecorators(
  ApiOperation({
    operationId: 'followJob',
    summary: 'Follow a job by its events',
    description:
      'Server-Sent Events until the job has ended: `job.queued`, `job.running`, `job.progress`, `job.completed`, `job.failed`, ' +
      '`job.canceled`. The first one tells how the job is now; with `Last-Event-ID` it is the first that the client has missed. ' +
      'Each has a line `id:` with the version of the job and a line `data:` with a `JobEvent` as JSON. A stream may break off ' +
      'at any time, and goes on with `Last-Event-ID`.',
  }),
  jobId,
  ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The `id` of the last event that the client has got: an EventSource sends it by itself',
    schema,
  }),
  ApiResponse({
    status: 200,
    description: 'The events',
    content: { 'text/event-stream': { schema } },
  }),
  ApiResponse({ status: 204, description: 'The job has ended, and the client has got its last event' }),
  ApiProblems('not_found', 'not_acceptable', 'validation_failed'),
);

export const FindHistoryRoute = applyDecorators(
  ApiOperation({
    operationId: 'getJobHistory',
    summary: 'Get the history of a job',
    description: 'Every change of its status, with attempts and their errors.',
  }),
  jobId,
  ApiResponse({ status: 200, description: 'The history', standardSchema: JobHistoryDocument }),
  ApiProblems('not_found'),
);
