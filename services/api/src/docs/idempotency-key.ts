import { ApiHeader } from '@nestjs/swagger';

/** Describes the header on the routes that know it. */
export const idempotencyKey = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description:
    'A string of 1 to 255 visible ASCII characters in double quotes, new for each new request (a UUID is): when the request is sent again ' +
    'with it, the answer is what the first one created. Keys are kept for a day at least',
  schema: { type: 'string', examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'] },
});
