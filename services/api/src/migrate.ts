/** Brings the database up to date: `node services/api/dist/migrate.js`. Run it before the services of a new version. */
import 'reflect-metadata';
import { databaseSettings, dataSourceOptions, migrate, queueBackend, queueSettings } from '@tintype/jobs';
import { createLogger, loadSettings, processSettings, SettingsError, type SettingsOf } from '@tintype/platform';
import { DataSource } from 'typeorm';
import { version } from './version.js';

const migrationSettings = { ...databaseSettings, ...queueSettings, ...processSettings };

process.exitCode = await main();

async function main(): Promise<number> {
  const settings = load();
  if (!settings) return 78;
  const logger = createLogger(settings, { service: 'migrate', version });
  const dataSource = new DataSource(dataSourceOptions(settings));
  try {
    await dataSource.initialize();
    const applied = await migrate(dataSource, queueBackend(settings));
    logger.info({ applied }, 'database is up to date');
    return 0;
  } catch (error) {
    logger.fatal({ err: error }, 'database could not be migrated');
    return 1;
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

function load(): SettingsOf<typeof migrationSettings> | undefined {
  try {
    return loadSettings(migrationSettings);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}
