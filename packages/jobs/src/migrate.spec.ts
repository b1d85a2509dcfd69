import { readFile } from 'node:fs/promises';
import { testDatabase, type TestDatabase } from '@tintype/testing';
import type { DataSource } from 'typeorm';
import { checkMigrated } from './database.js';
import { migrate } from './migrate.js';
import { schemaSnapshot } from './schema-snapshot.js';
import { connect } from './spec/job-database.js';

let database: TestDatabase;
let dataSource: DataSource;
beforeEach(async () => {
  database = await testDatabase();
  dataSource = await connect(database.settings);
});
afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

test('migrations are applied once and told by name', async () => {
  await expect(checkMigrated(dataSource)).rejects.toThrow(/migrate/);

  const applied = await migrate(dataSource);

  expect(applied).toEqual(dataSource.migrations.map(({ name }) => name));
  expect(await migrate(dataSource)).toEqual([]);
  await checkMigrated(dataSource);
});

test('of processes that migrate at the same time one does the work and all succeed', async () => {
  const others = await Promise.all([connect(database.settings), connect(database.settings)]);

  const applied = await Promise.all([dataSource, ...others].map((each) => migrate(each, 'postgres')));

  expect(applied.flat()).toEqual(dataSource.migrations.map(({ name }) => name));
  await Promise.all(others.map((each) => each.destroy()));
});

test('a pool of one connection is enough to migrate', async () => {
  const one = await connect({ ...database.settings, PG_POOL_SIZE: '1' });

  expect(await migrate(one)).not.toHaveLength(0);

  await one.destroy();
});

test('what is committed is on disk, although this server is set up not to care', async () => {
  expect(await dataSource.query('show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
});

test("BullMQ's tables are there only when it needs them", async () => {
  const tables = () => dataSource.query<unknown[]>(`select from pg_tables where schemaname = 'bullmq'`);
  await migrate(dataSource, 'redis');
  expect(await tables()).toHaveLength(0);

  await migrate(dataSource, 'postgres');

  expect(await tables()).not.toHaveLength(0);
});

test('schema.sql shows the database as the migrations make it', async () => {
  await migrate(dataSource);

  const stored = await readFile(new URL('../schema.sql', import.meta.url), 'utf8');

  expect(await schemaSnapshot(dataSource)).toBe(stored);
});

test('entities and tables have the same columns, types, defaults, keys and references', async () => {
  await migrate(dataSource);

  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();

  // Checks and indexes are the migrations' own: entities do not repeat them, so TypeORM would drop them.
  const own = /^(DROP INDEX|ALTER TABLE "\w+" DROP CONSTRAINT "\w+_check")/;
  expect(upQueries.map(({ query }) => query).filter((query) => !own.test(query))).toEqual([]);
});
