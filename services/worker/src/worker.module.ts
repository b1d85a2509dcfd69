import { type DynamicModule, Module } from '@nestjs/common';
import { HealthModule, MetricsModule } from '@tintype/platform';
import { DataSource } from 'typeorm';
import { ChildPool } from './children/child-pool.js';
import { ChildrenModule, imageProgram } from './children/children.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DispatchModule } from './dispatch/dispatch.module.js';
import { DuePoll } from './dispatch/due-poll.js';
import { SettingsModule, type WorkerSettings } from './settings.js';
import { StorageModule } from './storage/storage.module.js';
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
          inject: [DataSource, ChildPool, DuePoll],
          // Without the queue: the worker still finishes what it runs, and nothing but a rollout looks at its readiness.
          useFactory: (dataSource: DataSource, children: ChildPool, poll: DuePoll) => ({
            checks: {
              database: () => dataSource.query('select 1'),
              children: async () => {
                if (!children.ready) throw new Error('No image process is running');
              },
            },
            alive: () => poll.silentMs < longestSilenceMs,
          }),
        }),
      ],
    };
  }
}
