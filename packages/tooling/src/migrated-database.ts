import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@tintype/embedded';
import { databaseSettings, dataSourceOptions, migrate } from '@tintype/jobs';
import { DataSource } from 'typeorm';
import { z } from 'zod';

export interface MigratedDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  /** A directory of its own, that goes with the database. */
  readonly directory: string;
}

/** Runs all migrations in an embedded PostgreSQL that lives as long as the work takes. */
export async function withMigratedDatabase<T>(work: (database: MigratedDatabase) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-generate-'));
  await chmod(directory, 0o711);
  const server = await startPostgres({ directory: join(directory, 'postgresql'), settings: { fsync: 'off' } });
  try {
    const dataSource = await new DataSource(
      dataSourceOptions(z.object(databaseSettings).parse({ DATABASE_URL: server.url() })),
    ).initialize();
    try {
      await migrate(dataSource, 'postgres');
      return await work({ url: server.url(), dataSource, directory });
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
