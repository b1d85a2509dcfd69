/** The database as TypeORM sees it. */
import type { DataSource, DataSourceOptions } from 'typeorm';
import { connectionOptions, type DatabaseSettings } from './database-settings.js';
import { Batch } from './batch.entity.js';
import { Job } from './job.entity.js';
import { JobInput } from './job-input.entity.js';
import { JobOutput } from './job-output.entity.js';
import { measuredDriver, type StatementObserver } from './measured-pool.js';
import { CreateJobs1795564800000 } from './migrations/1795564800000-create-jobs.js';
import { ClaimWithoutWakes1795608000000 } from './migrations/1795608000000-claim-without-wakes.js';
import { Lifecycle1795651200000 } from './migrations/1795651200000-lifecycle.js';
import { SteadyClient } from './steady-client.js';
import { Upload } from './upload.entity.js';
import { WebhookEndpoint } from './webhooks/webhook-endpoint.entity.js';

/** For TypeOrmModule.forRoot or `new DataSource`. `observer`: is told of every statement. */
export function dataSourceOptions(settings: DatabaseSettings, observer?: StatementObserver): DataSourceOptions {
  return {
    type: 'postgres',
    ...(observer && { driver: measuredDriver(observer) }),
    entities: [Job, JobOutput, JobInput, Upload, Batch, WebhookEndpoint],
    migrations: [CreateJobs1795564800000, ClaimWithoutWakes1795608000000, Lifecycle1795651200000],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: settings.PG_POOL_SIZE,
    connectTimeoutMS: 5_000,
    extra: {
      ...connectionOptions(settings),
      Client: SteadyClient,
      application_name: 'tintype',
      keepAlive: true,
      // An accepted job must survive a crash of PostgreSQL, whatever its own default is. And every statement has its index, but one
      // that is prepared while a table is small would be planned without: for as long as the connection lives, however it grows.
      options: '-c synchronous_commit=on -c enable_seqscan=off',
      // A connection that is dead without a word, or a statement that hangs, is given up; the caller repeats what may be repeated.
      statement_timeout: 15_000,
      query_timeout: 20_000,
      idle_in_transaction_session_timeout: 30_000,
    },
  };
}

/** Rejects when the database lacks migrations that this version of the program needs. */
export async function checkMigrated(dataSource: DataSource): Promise<void> {
  const pending = await dataSource.showMigrations();
  if (pending) throw new Error('The database lacks migrations: run the `migrate` command of this version first.');
}
