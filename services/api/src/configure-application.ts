import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { fieldErrors, type Logger } from '@tintype/platform';
import type { Server } from 'node:http';
import type { z } from 'zod';
import { serveDocs } from './docs/serve-docs.js';
import { ApiProblemFilter } from './http/problem.filter.js';
import { answerBrokenRequests } from './http/broken-requests.js';
import { continueOnDemand } from './http/request-body.js';
import { securityHeaders } from './http/security-headers.js';
import { validationFailed } from './http/validation.js';
import type { ApiSettings } from './settings.js';

/** What belongs to this service's application as a whole, beside what every service has; specs call it too. */
export function configureApplication(app: NestExpressApplication, settings: ApiSettings, logger: Logger): void {
  // The default entity tags hash every answer; where one is useful, its route sets it.
  app.set('etag', false);
  app.use(securityHeaders);
  app.useGlobalPipes(
    new StandardSchemaValidationPipe({
      exceptionFactory: (issues) => validationFailed(fieldErrors(issues as readonly z.core.$ZodIssue[])),
    }),
  );
  app.useGlobalFilters(new ApiProblemFilter(logger, app.getHttpAdapter().getInstance()));
  serveDocs(app);

  const server: Server = app.getHttpServer();
  server.requestTimeout = settings.REQUEST_TIMEOUT_SECONDS * 1000;
  continueOnDemand(server);
  answerBrokenRequests(server);
}
