import { getQueueToken } from '@nestjs/bullmq';
import { type DynamicModule, Module } from '@nestjs/common';
import { pingRedis, QUEUE, queueBackend } from '@tintype/jobs';
import { HealthModule, MetricsModule } from '@tintype/platform';
import type { Storage } from '@tintype/storage';
import type { Queue } from 'bullmq';
import { DataSource } from 'typeorm';
import { BatchesModule } from './batches/batches.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EventsModule } from './events/events.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { OutputsModule } from './outputs/outputs.module.js';
import { PresetsModule } from './presets/presets.module.js';
import { QueueModule } from './queue/queue.module.js';
import { SettingsModule } from './settings.module.js';
import type { ApiSettings } from './settings.js';
import { STORAGE, StorageModule } from './storage/storage.module.js';
import { UploadsModule } from './uploads/uploads.module.js';
import { version } from './version.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

@Module({})
export class AppModule {
  static register(settings: ApiSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.register(settings),
        MetricsModule.register({ service: 'api', version }),
        HealthModule.registerAsync({
          imports: [QueueModule],
          inject: [DataSource, STORAGE, getQueueToken(QUEUE)],
          useFactory: (dataSource: DataSource, storage: Storage, queue: Queue) => ({
            checks: { database: () => dataSource.query('select 1'), storage: () => storage.check() },
            // Without it jobs are accepted nevertheless, and begin a little later.
            watched: queueBackend(settings) === 'redis' ? { redis: () => pingRedis(queue) } : {},
          }),
        }),
        DatabaseModule,
        StorageModule,
        UploadsModule,
        JobsModule,
        BatchesModule,
        EventsModule,
        OutputsModule,
        OperationsModule,
        PresetsModule,
        WebhooksModule,
      ],
    };
  }
}
