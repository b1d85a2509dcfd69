import { setTimeout as delay } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Tracing } from '@tintype/tracing';
import { Readiness } from '../health/readiness.js';
import type { Logger } from '../logging/logger.js';
import type { ProcessSettings } from '../settings/process-settings.js';
import { within } from '../within.js';

/**
 * Stops a service on SIGTERM or SIGINT without failing a request: it says that it is not ready, serves on until load balancers have
 * noticed, finishes what it has begun and exits with code 0. A second signal ends it at once.
 */
export function stopOnSignal(
  app: NestExpressApplication,
  settings: ProcessSettings,
  logger: Logger,
  tracing: Tracing | undefined,
): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) {
      logger.warn({ signal }, 'second signal, the process ends at once');
      process.exit(1);
    }
    stopping = true;
    logger.info({ signal }, 'service stopping');
    stop(app, settings, tracing).then(
      () => {
        logger.info('service stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'service could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function stop(app: NestExpressApplication, settings: ProcessSettings, tracing: Tracing | undefined): Promise<void> {
  app.get(Readiness, { strict: false }).drain();
  await delay(settings.DRAIN_DELAY_SECONDS * 1000);
  const server = app.getHttpServer();
  // A connection whose last request was answered after the close began would otherwise hold it for the keep-alive time.
  const closingIdle = setInterval(() => server.closeIdleConnections(), 100);
  try {
    await within(settings.SHUTDOWN_TIMEOUT_SECONDS * 1000, app.close());
  } finally {
    clearInterval(closingIdle);
    await tracing?.stop();
  }
}
