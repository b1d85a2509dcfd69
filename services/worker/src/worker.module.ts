import { type DynamicModule, Module } from '@nestjs/common';
import { pingRedis, queueBackend } from '@tintype/jobs';
import { HealthModule, MetricsModule } from '@tintype/platform';
import type { Storage } from '@tintype/storage';
import type { Queue } from 'bullmq';
import { DataSource } from 'typeorm';
import { ChildPool } from './children/child-pool.js';
import { ChildrenModule, imageProgram } from './children/children.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DispatchModule } from './dispatch/dispatch.module.js';
import { DuePoll } from './dispatch/due-poll.js';
import { WAKE_QUEUE } from './dispatch/wake-queue.js';
import { SettingsModule, type WorkerSettings } from './settings.js';
import { STORAGE, StorageModule } from './storage/storage.module.js';
import { UpkeepModule } from './upkeep/upkeep.module.js';

/** A loop that has not come round for so long will not come any more. */
const longestSilenceMs = 60_000;

export interface WorkerOptions {
  readonly version: string;
  /** Path of a program for the children in place of the real one. */
  readonly childProgram?: string;
}

@Module({})
export class WorkerModule {
  static register(settings: WorkerSettings, { version, childProgram = imageProgram }: WorkerOptions): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        SettingsModule.register(settings),
        ChildrenModule.register(childProgram),
        MetricsModule.register({ service: 'worker', version }),
        DatabaseModule,
        StorageModule,
        DispatchModule,
        UpkeepModule,
        HealthModule.registerAsync({
          imports: [DispatchModule],
          inject: [DataSource, ChildPool, DuePoll, STORAGE, WAKE_QUEUE],
          useFactory: (dataSource: DataSource, children: ChildPool, poll: DuePoll, storage: Storage, queue: Queue) => ({
            checks: {
              database: () => dataSource.query('select 1'),
              children: async () => {
                if (!children.ready) throw new Error('No image process is running');
              },
            },
            // Without them the worker still finishes what it can, and nothing but a rollout looks at its readiness.
            watched: {
              // The API checks it by writing; for every worker to do so as well would cost more than it tells.
              storage: () => storage.stat('check'),
              ...(queueBackend(settings) === 'redis' && { redis: () => pingRedis(queue) }),
            },
            alive: () => poll.silentMs < longestSilenceMs,
          }),
        }),
      ],
    };
  }
}
