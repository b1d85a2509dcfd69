import type { Request, Response } from 'express';
import type { z } from 'zod';
import { problem } from '../http/problems.js';
import { declaredBytes, readJson } from '../http/request-body.js';
import { validate } from '../http/validation.js';

/** The body of a request about webhooks. Throws 415, 400 and 422 problems. */
export async function webhookBody<Schema extends z.ZodType>(
  schema: Schema,
  request: Request,
  response: Response,
): Promise<z.output<Schema>> {
  if (!request.is('application/json')) throw problem('unsupported_media_type', 'It is sent as application/json.');
  return validate(schema, await readJson(request, response));
}

export function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || (declaredBytes(request) ?? 0) > 0;
}
