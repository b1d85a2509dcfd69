import { type FactoryProvider, Global, Module, type Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  Batches,
  dataSourceOptions,
  IdempotencyKeys,
  JobHistory,
  JobIntake,
  JobReader,
  Uploads,
  WebhookDeliveries,
  WebhookEndpoints,
  WebhookOutbox,
} from '@tintype/jobs';
import { DataSource } from 'typeorm';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

const providers = [
  provided(JobIntake),
  provided(JobReader),
  provided(JobHistory),
  provided(Uploads),
  provided(Batches),
  provided(IdempotencyKeys),
  provided(WebhookDeliveries),
  provided(WebhookEndpoints),
  provided(WebhookOutbox),
];

/** The database, and what the jobs package does with it. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({ inject: [API_SETTINGS], useFactory: (settings: ApiSettings) => dataSourceOptions(settings) }),
  ],
  providers,
  exports: providers,
})
export class DatabaseModule {}

function provided(type: Type<unknown>): FactoryProvider {
  return { provide: type, inject: [DataSource], useFactory: (dataSource: DataSource) => new type(dataSource) };
}
