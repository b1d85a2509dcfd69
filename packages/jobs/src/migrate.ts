import { runMigrations as runQueueMigrations } from 'bullmq';
import type { PoolClient } from 'pg';
import { DataSource, MigrationExecutor } from 'typeorm';
import type { QueueBackend } from './queue.js';

/** Serialises migrations between processes; any number will do that nobody else uses in this database. */
const migrationLock = 0x74696e74;

/**
 * Brings the database up to date: our tables, and BullMQ's when it is to wake the workers. Resolves to the names of the
 * migrations that were applied. Safe to run twice, and in several processes at once: one works, the others wait.
 */
export async function migrate(dataSource: DataSource, queueBackend: QueueBackend = 'redis'): Promise<string[]> {
  const own = await withoutTimeLimits(dataSource).initialize();
  try {
    const runner = own.createQueryRunner();
    const client = (await runner.connect()) as PoolClient;
    // Kept until the connection ends.
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    // A lock on a table that a migration does not get soon would hold up everybody who queues behind it.
    await client.query(`set lock_timeout = '5s'`);
    const executor = new MigrationExecutor(own, runner);
    executor.transaction = 'each';
    const applied = await executor.executePendingMigrations();
    if (queueBackend === 'postgres') await runQueueMigrations(client);
    return applied.map(({ name }) => name);
  } finally {
    await own.destroy();
  }
}

/** A migration may take long, and so may waiting for one. */
function withoutTimeLimits({ options }: DataSource): DataSource {
  return new DataSource({ ...options, extra: { ...options.extra, max: 1, statement_timeout: 0, query_timeout: 0 } });
}
