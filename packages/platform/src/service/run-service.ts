import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { startTracing } from '@tintype/tracing';
import { createLogger, type Logger } from '../logging/logger.js';
import { NestLogger } from '../logging/nest-logger.js';
import { loadSettings, SettingsError, type SettingsOf, type SettingsShape } from '../settings/load.js';
import { type ProcessSettings, processSettings } from '../settings/process-settings.js';
import { QuickExpressAdapter } from './express-adapter.js';
import { keepAlive } from './keep-alive.js';
import { prepareApplication } from './prepare-application.js';
import { stopOnSignal } from './shutdown.js';

type ServiceSettings<Shape extends SettingsShape> = SettingsOf<Shape & typeof processSettings>;

export interface Service<Shape extends SettingsShape> {
  readonly name: 'api' | 'worker';
  readonly version: string;
  /** Its own settings, beside the `processSettings` that every service has. */
  readonly settings: Shape;
  module(settings: ServiceSettings<Shape>, logger: Logger): Type | DynamicModule;
  port(settings: ServiceSettings<Shape>): number;
  /** Last changes before it listens. */
  configure?(app: NestExpressApplication, settings: ServiceSettings<Shape>, logger: Logger): void | Promise<void>;
}

/** As of sysexits.h: the configuration is wrong, and trying again will not help. */
const exitCodeConfiguration = 78;

/** Runs a service until a signal stops it. Never rejects: a failure to start is told, and ends the process. */
export async function runService<const Shape extends SettingsShape>(service: Service<Shape>): Promise<void> {
  const settings = loadOrExit(service);
  const logger = createLogger(settings, { service: service.name, version: service.version });
  endOnUnexpectedError(logger);
  try {
    // Before anything that could be traced is made.
    const tracing = await traceFor(service, settings, logger);
    const app = await createApplication(service, settings, logger);
    stopOnSignal(app, settings, logger, tracing);
    await app.listen(service.port(settings));
    logger.info({ address: await app.getUrl() }, 'service started');
  } catch (error) {
    logger.fatal({ err: error }, 'service could not start');
    process.exit(1);
  }
}

function traceFor(
  { name, version }: Pick<Service<SettingsShape>, 'name' | 'version'>,
  settings: ProcessSettings,
  logger: Logger,
) {
  const warn = (complaint: string) => logger.warn({ complaint }, 'traces are not sent as they should be');
  return startTracing({ service: name, version, settings, warn });
}

async function createApplication<Shape extends SettingsShape>(
  service: Service<Shape>,
  settings: ServiceSettings<Shape>,
  logger: Logger,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(service.module(settings, logger), new QuickExpressAdapter(), {
    logger: new NestLogger(logger),
    abortOnError: false,
    // Routes that take a body read it themselves: none is buffered before it is known what it is for.
    bodyParser: false,
  });
  prepareApplication(app, { service: service.name, logger });
  await service.configure?.(app, settings, logger);
  keepAlive(app.getHttpServer(), settings.KEEP_ALIVE_SECONDS);
  return app;
}

function loadOrExit<Shape extends SettingsShape>(service: Service<Shape>): ServiceSettings<Shape> {
  try {
    return loadSettings({ ...service.settings, ...processSettings });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    // There is no log yet: how to write one is a setting, too.
    process.stderr.write(`${error.message}\n`);
    process.exit(exitCodeConfiguration);
  }
}

/** After an error that nobody expected the state of the process is unknown; a new one is better. */
function endOnUnexpectedError(logger: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    logger.fatal({ err: error, origin }, 'unexpected error, the process ends');
    process.exit(1);
  });
}
