/** A connection that breaks while PostgreSQL still works on what it was asked: the row comes later than the error, and needs its file. */
import { eventually, testDatabase, type TestDatabase } from '@tintype/testing';
import { DataSource } from 'typeorm';
import { ApiUnderTest, migrateDatabase } from '../spec/api-under-test.js';
import { BrokenLine } from '../spec/broken-line.js';
import { inline, json, photo, post, thumb } from '../spec/requests.js';

let database: TestDatabase;
let line: BrokenLine;
let api: ApiUnderTest;
/** Past the line. */
let direct: DataSource;

beforeAll(async () => {
  database = await testDatabase({ migrate: migrateDatabase });
  const broken = await BrokenLine.to(database.url);
  line = broken.line;
  api = await ApiUnderTest.start({ DATABASE_URL: broken.url });
  direct = await new DataSource({ type: 'postgres', url: database.url }).initialize();
});
afterAll(async () => {
  await direct.destroy();
  await api.close();
  await database.drop();
});

test.each([
  ['a job', '/v1/jobs', json({ source: inline(), outputs: [thumb] }), 'input', 'job'],
  ['an upload', '/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' }), 'upload', 'upload'],
] as const)('%s that is committed after its request has failed has its file', async (_what, path, request, written, table) => {
  const before = await api.rows(table);
  const answer = await direct.transaction(async (manager) => {
    // Reading is not held up by it: the API finds the database well, and no row.
    await manager.query(`lock table ${written} in share mode`);
    const asked = api.fetch(path, request);
    await eventually(async () => {
      const [waiting] = await direct.query<{ count: number }[]>(
        `select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      expect(waiting?.count).toBe(1);
      return true;
    });
    line.cut();
    await line.mend();
    return asked;
  });
  expect(answer.status).toBe(503);

  await eventually(async () => (await api.rows(table)) === before + 1);
  const [row] = await direct.query<{ id: string }[]>(`select id from ${table} order by id desc limit 1`);
  expect(await api.storedKeys()).toContain(`uploads/${row?.id}`);
});
