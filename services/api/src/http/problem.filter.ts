import { type ArgumentsHost, Catch, NotFoundException } from '@nestjs/common';
import { OutOfSpaceError, StorageError } from '@tintype/storage';
import { problems } from '@tintype/jobs';
import { type Logger, ProblemFilter } from '@tintype/platform';
import type { Express, Request, Response } from 'express';
import { QueryFailedError } from 'typeorm';
import { allowedMethods } from './allowed-methods.js';
import { problem } from './problems.js';
import { discardBody } from './request-body.js';

const retryLater = { headers: { 'Retry-After': '5' } };

/** Adds to the platform's filter what only this service knows: its routes, its storage and its database. */
@Catch()
export class ApiProblemFilter extends ProblemFilter {
  constructor(
    logger: Logger,
    private readonly express: Express,
  ) {
    super(logger, problems);
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    discardBody(request, host.switchToHttp().getResponse<Response>());
    super.catch(this.translate(error, request), host);
  }

  private translate(error: unknown, request: Request): unknown {
    // Ours are problems; Nest's own means that no route matched.
    if (error instanceof NotFoundException) return this.unmatched(request);
    if (error instanceof OutOfSpaceError) return problem('insufficient_storage', undefined, { cause: error, ...retryLater });
    if (error instanceof StorageError && error.retryable) {
      return problem('service_unavailable', 'The storage is not available at the moment.', { cause: error, ...retryLater });
    }
    if (isDatabaseDown(error)) {
      return problem('service_unavailable', 'The database is not available at the moment.', { cause: error, ...retryLater });
    }
    return error;
  }

  private unmatched(request: Request): Error {
    const methods = allowedMethods(this.express, request.path);
    if (methods.length === 0) return problem('not_found', 'There is nothing at this path.');
    const allow = methods.join(', ');
    return problem('method_not_allowed', `This path has ${allow}.`, { headers: { Allow: allow } });
  }
}

/**
 * SQLSTATE classes: connection exception, transaction rollback (a deadlock), insufficient resources, operator intervention (shutdown,
 * statement timeout).
 */
const downStates = /^(08|40|53|57)/;
const downCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);
/** node-postgres gives these no code. */
const downMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

function isDatabaseDown(error: unknown): boolean {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  // When a host has several addresses, Node tells of each of them.
  if (cause instanceof AggregateError) return cause.errors.some(isDatabaseDown);
  if (!(cause instanceof Error)) return false;
  const code = 'code' in cause ? String(cause.code) : '';
  return downCodes.has(code) || (/^[0-9A-Z]{5}$/.test(code) && downStates.test(code)) || downMessages.test(cause.message);
}
