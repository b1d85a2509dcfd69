import { type FactoryProvider, Global, Module, type OnModuleInit, type Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  Batches,
  dataSourceOptions,
  IdempotencyKeys,
  JobHistory,
  JobIntake,
  JobReader,
  poolState,
  Uploads,
  WebhookDeliveries,
  WebhookEndpoints,
  WebhookOutbox,
} from '@tintype/jobs';
import { DatabaseMetrics } from '@tintype/platform';
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
    TypeOrmModule.forRootAsync({
      inject: [API_SETTINGS, DatabaseMetrics],
      useFactory: (settings: ApiSettings, observer: DatabaseMetrics) => dataSourceOptions(settings, observer),
    }),
  ],
  providers,
  exports: providers,
})
export class DatabaseModule implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly observer: DatabaseMetrics,
  ) {}

  onModuleInit(): void {
    this.observer.watchPool(() => poolState(this.dataSource));
  }
}

function provided(type: Type<unknown>): FactoryProvider {
  return { provide: type, inject: [DataSource], useFactory: (dataSource: DataSource) => new type(dataSource) };
}
