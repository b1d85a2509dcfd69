import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { responseHeaders } from './response-headers.js';

/** Documents that a route does not send again what its client has. */
export function ApiNotModified(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'An `ETag` of before: 304 when it is still that',
      schema: { type: 'string' },
    }),
    ApiResponse({ status: 304, description: 'It is still the same', headers: responseHeaders('ETag') }),
  );
}
