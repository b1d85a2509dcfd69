import { setTimeout as sleep } from 'node:timers/promises';
import { Global, Logger, Module, type OnModuleInit, type Provider, type Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  checkMigrated,
  dataSourceOptions,
  ExpiredLeases,
  JobLeases,
  JobReader,
  Orphans,
  poolState,
  Retention,
  UpkeepTurns,
} from '@tintype/jobs';
import { DatabaseMetrics } from '@tintype/platform';
import { DataSource } from 'typeorm';
import { SETTINGS, type WorkerSettings } from '../settings.js';

/** A worker may be started together with what migrates the database; after so long something is amiss. */
const patienceMs = 30_000;
const checkEveryMs = 1_000;

const providers = [JobLeases, ExpiredLeases, JobReader, Retention, Orphans, UpkeepTurns].map(ofDataSource);

/** What the jobs package does with the database. The worker does not start on a database that lacks migrations. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [SETTINGS, DatabaseMetrics],
      useFactory: (settings: WorkerSettings, observer: DatabaseMetrics) => dataSourceOptions(settings, observer),
    }),
  ],
  providers,
  exports: providers,
})
export class DatabaseModule implements OnModuleInit {
  readonly #logger = new Logger(DatabaseModule.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly observer: DatabaseMetrics,
  ) {}

  async onModuleInit(): Promise<void> {
    this.observer.watchPool(() => poolState(this.dataSource));
    const giveUpAt = performance.now() + patienceMs;
    for (let waited = false; ; waited = true) {
      try {
        return await checkMigrated(this.dataSource);
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
        if (!waited) this.#logger.warn('the database is not ready, waiting for it', { err: error });
        await sleep(checkEveryMs);
      }
    }
  }
}

function ofDataSource(type: Type<object>): Provider {
  return { provide: type, inject: [DataSource], useFactory: (dataSource: DataSource) => new type(dataSource) };
}
