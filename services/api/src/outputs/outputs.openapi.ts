/** How the route of outputs is described. */
import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { formatOf, outputFormats } from '@tintype/operations';
import { ApiProblems } from '../docs/api-problems.js';
import { responseHeaders } from '../docs/response-headers.js';

const schema = { type: 'string' };
const bytes = Object.fromEntries(outputFormats.map((id) => [formatOf(id).mediaType, {}]));
const headers = responseHeaders('ETag', 'Cache-Control', 'Content-Disposition', 'Accept-Ranges');

export const OutputRoutes = ApiTags('Outputs');

export const DownloadOutputRoute = applyDecorators(
  ApiOperation({
    operationId: 'downloadOutput',
    summary: 'Download an output',
    description: 'The image, or the value of an analysis as JSON. HEAD answers the same without the bytes.',
  }),
  ApiParam({ name: 'id', description: 'The id of a job', schema: { type: 'string', format: 'uuid' } }),
  ApiParam({ name: 'name', description: 'The name of one of its outputs', schema }),
  ApiHeader({ name: 'Range', required: false, description: 'One range of bytes; several are answered with all', schema }),
  ApiHeader({ name: 'If-Range', required: false, description: 'The `ETag` that `Range` is meant for', schema }),
  ApiHeader({ name: 'If-None-Match', required: false, description: 'An `ETag` of before: 304 when it is still that', schema }),
  ApiResponse({ status: 200, description: 'The whole output', content: { ...bytes, 'application/json': {} }, headers }),
  ApiResponse({
    status: 206,
    description: 'The range of it',
    content: { ...bytes, 'application/json': {} },
    headers: { ...headers, ...responseHeaders('Content-Range') },
  }),
  ApiResponse({ status: 304, description: 'It is still the same', headers: responseHeaders('ETag', 'Cache-Control') }),
  ApiProblems(
    'not_found',
    'output_not_ready',
    'output_failed',
    'results_expired',
    'output_missing',
    'range_not_satisfiable',
    'validation_failed',
  ),
);
