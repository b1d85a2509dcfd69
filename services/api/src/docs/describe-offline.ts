import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AppModule } from '../app.module.js';
import type { ApiSettings } from '../settings.js';
import { describeApi } from './openapi.js';

/** The description of this API without a database, a queue, a storage or a port: for documents that are generated. */
export async function describeApiOffline(): Promise<OpenAPIObject> {
  // In preview mode Nest makes no providers, so nobody reads the settings.
  const app = await NestFactory.create(AppModule.register({} as ApiSettings), { preview: true, logger: false });
  return describeApi(app);
}
