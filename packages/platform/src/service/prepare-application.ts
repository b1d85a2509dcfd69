import type { NestExpressApplication } from '@nestjs/platform-express';
import { metrics } from '@tintype/metrics';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Readiness } from '../health/readiness.js';
import type { Logger } from '../logging/logger.js';
import { ProblemFilter } from '../problems/problem-filter.js';
import { requestMiddleware, type RequestMetrics } from '../requests/middleware.js';

/**
 * What the application of every service has: ids, metrics and log lines of requests, and problem documents. Specs call it too, to
 * test what runs. The application must have the HealthModule and the MetricsModule.
 */
export function prepareApplication(app: NestExpressApplication, options: { service: 'api' | 'worker'; logger: Logger }): void {
  const readiness = app.get(Readiness, { strict: false });
  app.use(
    requestMiddleware({
      logger: options.logger,
      // The worker's only requests are probes and scrapes.
      metrics: options.service === 'api' ? requestMetrics(app) : undefined,
      draining: () => readiness.draining,
    }),
  );
  app.disable('x-powered-by');
  app.useGlobalFilters(new ProblemFilter(options.logger));
}

function requestMetrics(app: NestExpressApplication): RequestMetrics {
  const metric = <M>({ name }: { name: string }) => app.get<M>(getToken(name), { strict: false });
  return {
    requests: metric(metrics.httpRequests),
    duration: metric(metrics.httpRequestDuration),
    inFlight: metric(metrics.httpRequestsInFlight),
  };
}
