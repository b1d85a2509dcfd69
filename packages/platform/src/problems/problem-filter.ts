import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Logger } from '../logging/logger.js';
import { Problem } from './problem.js';

/** Answers every error of a request with a problem document. What is no business of the client goes to the log only. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** `titles` by code, for problems that are made here; without one it is the phrase of the status. */
  constructor(
    private readonly logger: Logger,
    private readonly titles: Readonly<Record<string, { readonly title: string }>> = {},
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = this.#toProblem(error);
    if (problem.status >= 500) this.#report(error, problem, request);
    if (response.headersSent) {
      // The client can only be told by a broken connection: a clean end would pass for a complete answer.
      response.destroy();
      return;
    }
    for (const header of response.getHeaderNames()) {
      if (header.startsWith('content-') && header !== 'content-security-policy') response.removeHeader(header);
    }
    response
      .status(problem.status)
      .set(problem.headers)
      .type('application/problem+json')
      .send(JSON.stringify(problem.document(request.id)));
  }

  #report(error: unknown, problem: Problem, request: Request): void {
    // A Problem of ours is expected (the service is overloaded …); anything else is a fault of the program.
    const level = error instanceof Problem ? 'warn' : 'error';
    (request.log ?? this.logger)[level]({ err: error, code: problem.code }, 'request failed');
  }

  #toProblem(error: unknown): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof HttpException) return this.#fromStatus(error.getStatus(), error);
    if (isClientError(error)) return this.#fromStatus(error.status, error);
    return this.#fromStatus(500, error);
  }

  /** Where the error has no code, the phrase of the status is one: 405 is `method_not_allowed`. */
  #fromStatus(status: number, cause: unknown): Problem {
    const phrase = STATUS_CODES[status] ?? 'Error';
    const code = status === 500 ? 'internal' : phrase.toLowerCase().replaceAll(/[^a-z]+/g, '_');
    const tells = status < 500 && cause instanceof Error && cause.message !== phrase;
    return new Problem({
      code,
      status,
      title: this.titles[code]?.title ?? phrase,
      detail: tells ? cause.message : undefined,
      cause,
    });
  }
}

/** Errors of Express and its body parsers (package http-errors), which say themselves whether a client may see them. */
function isClientError(error: unknown): error is Error & { status: number } {
  if (!(error instanceof Error) || !('status' in error) || !('expose' in error)) return false;
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500 && error.expose === true;
}
