/** What the runbooks have somebody ask PostgreSQL at night is asked here first. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withMigratedDatabase } from './migrated-database.js';
import { runbookDirectory } from './reference/runbooks.js';
import { root } from './root.js';

const statements = readdirSync(join(root, runbookDirectory)).flatMap((name) => {
  const text = readFileSync(join(root, runbookDirectory, name), 'utf8');
  return [...text.matchAll(/psql --username tintype --command "([^"…]+)"/g)].map(([, sql = '']) => ({ name, sql }));
});

test('statements for PostgreSQL are taken by the tables that there are', async () => {
  expect(statements.length).toBeGreaterThan(20);
  const refused = await withMigratedDatabase(async ({ dataSource }) => {
    const faults: string[] = [];
    for (const { name, sql } of statements) {
      await dataSource.query(sql).catch((error: unknown) => faults.push(`${name}: ${String(error)}: ${sql}`));
    }
    return faults;
  });
  expect(refused).toEqual([]);
});
