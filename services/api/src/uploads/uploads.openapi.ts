/** How the routes of uploads are described. */
import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../docs/api-problems.js';
import { responseHeaders } from '../docs/response-headers.js';
import { UploadDocument } from './upload-document.js';

const uploadId = ApiParam({ name: 'id', description: 'The id of an upload', schema: { type: 'string', format: 'uuid' } });

export const UploadRoutes = ApiTags('Uploads');

export const CreateUploadRoute = applyDecorators(
  ApiOperation({
    operationId: 'createUpload',
    summary: 'Store an image for later jobs',
    description: 'The format is told by the first bytes; name and content type of the file have no meaning.',
  }),
  ApiResponse({
    status: 201,
    description: 'The image is stored',
    standardSchema: UploadDocument,
    headers: responseHeaders('Location'),
  }),
  ApiProblems(
    'malformed_multipart',
    'bad_request',
    'payload_too_large',
    'unsupported_media_type',
    'validation_failed',
    'insufficient_storage',
  ),
);

export const FindUploadRoute = applyDecorators(
  ApiOperation({ operationId: 'getUpload', summary: 'Get an upload' }),
  uploadId,
  ApiResponse({ status: 200, description: 'The upload', standardSchema: UploadDocument }),
  ApiProblems('not_found'),
);

export const DeleteUploadRoute = applyDecorators(
  ApiOperation({
    operationId: 'deleteUpload',
    summary: 'Delete an upload',
    description: 'Jobs that have finished keep their outputs.',
  }),
  uploadId,
  ApiResponse({ status: 204, description: 'The upload is gone' }),
  ApiProblems('not_found', 'in_use'),
);
