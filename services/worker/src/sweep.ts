/**
 * Does the upkeep of the workers once and at once, and tells what was removed: `node services/worker/dist/sweep.js`. What is too old
 * goes by the settings of retention; files that belong to nothing when they have lain for a day, or for the seconds of `--older-than`.
 * With fewer than uploads and attempts take, these must not be under way: their files belong to nothing yet.
 */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { checkMigrated, databaseSettings, dataSourceOptions, Orphans, Retention } from '@tintype/jobs';
import { createLogger, loadSettings, processSettings, SettingsError, type SettingsOf } from '@tintype/platform';
import { createStorage, type Storage, storageSettings } from '@tintype/storage';
import { DataSource } from 'typeorm';
import { abandonedAgeMs } from './upkeep/abandoned-files.js';
import { removeExpired } from './upkeep/remove-expired.js';
import { agesOf, retentionSettings } from './upkeep/retention-settings.js';
import { orphanAge, sweepOrphans } from './upkeep/sweep-orphans.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const sweepSettings = { ...databaseSettings, ...storageSettings, ...retentionSettings, ...processSettings };
type SweepSettings = SettingsOf<typeof sweepSettings>;

process.exitCode = await main();

async function main(): Promise<number> {
  const age = parseAge();
  if (age === undefined) return 64;
  const settings = load();
  if (!settings) return 78;
  const logger = createLogger(settings, { service: 'sweep', version });
  const dataSource = new DataSource(dataSourceOptions(settings));
  try {
    await dataSource.initialize();
    await checkMigrated(dataSource);
    const removed = await sweep(dataSource, await createStorage(settings), settings, age);
    logger.info({ removed }, 'swept');
    return 0;
  } catch (error) {
    logger.fatal({ err: error }, 'not swept to the end');
    return 1;
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

/** Resolves to how many there were of each kind. */
async function sweep(dataSource: DataSource, storage: Storage, settings: SweepSettings, age: number): Promise<object> {
  const removed = { files: { retention: 0, orphan: 0, abandoned: 0 }, rows: {} as Record<string, number>, strangers: 0 };
  for await (const { kind, rows, files } of removeExpired(new Retention(dataSource), storage, agesOf(settings))) {
    removed.files.retention += files;
    removed.rows[kind] = (removed.rows[kind] ?? 0) + rows;
  }
  for await (const { deleted, strangers } of sweepOrphans(new Orphans(dataSource), storage, age)) {
    removed.files.orphan += deleted;
    removed.strangers += strangers;
  }
  removed.files.abandoned = await storage.removeAbandoned(abandonedAgeMs);
  return removed;
}

function parseAge(): number | undefined {
  try {
    const { values } = parseArgs({ options: { 'older-than': { type: 'string', default: String(orphanAge) } } });
    if (/^\d{1,9}$/.test(values['older-than'])) return Number(values['older-than']);
  } catch {
    // Told below.
  }
  process.stderr.write('Usage: sweep.js [--older-than=SECONDS]\n');
  return undefined;
}

function load(): SweepSettings | undefined {
  try {
    return loadSettings(sweepSettings);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}
