import { ApiHeader } from '@nestjs/swagger';

/** Documents the header of a route that creates jobs. */
export const traceContext = ApiHeader({
  name: 'traceparent',
  required: false,
  description: 'W3C trace context, passed on to the worker',
  schema: { type: 'string' },
});
