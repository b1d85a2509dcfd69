import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { type ProblemCode, problems } from '@tintype/jobs';
import { responseHeaders } from './response-headers.js';

/** What every route may answer with. */
const everywhere: readonly ProblemCode[] = ['internal', 'service_unavailable'];

const retryAfter: ReadonlySet<ProblemCode> = new Set([
  'output_not_ready',
  'service_unavailable',
  'insufficient_storage',
  'idempotency_in_progress',
  'backlog_full',
]);

/** Documents the problems that a route answers with, beside those that every route may. */
export function ApiProblems(...codes: ProblemCode[]): MethodDecorator {
  const all = [...codes, ...everywhere];
  const statuses = new Set(all.map((code) => problems[code].status));
  return applyDecorators(
    ...Array.from(statuses, (status) =>
      problemResponse(
        status,
        all.filter((code) => problems[code].status === status),
      ),
    ),
  );
}

function problemResponse(status: number, codes: readonly ProblemCode[]): MethodDecorator {
  return ApiResponse({
    status,
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('\n\n'),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    ...(codes.some((code) => retryAfter.has(code)) && { headers: responseHeaders('Retry-After') }),
  });
}
