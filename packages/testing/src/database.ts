/** A database of its own for every spec, in the test run's one PostgreSQL. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { serverUrl } from './environment.js';

export interface TestDatabaseOptions {
  /**
   * Creates the tables, given settings as `loadSettings` reads them. It runs once in a test run for each `template`; every
   * database is then a copy. Without it the database is empty.
   */
  readonly migrate?: (settings: { DATABASE_URL: string }) => Promise<unknown>;
  /** Tells apart migrations that differ. Default: `migrated`. */
  readonly template?: string;
}

export interface TestDatabase {
  readonly url: string;
  /** The same as settings, also for the environment of a service. */
  readonly settings: { readonly DATABASE_URL: string };
  /** Disconnects whoever is connected and removes the database. */
  drop(): Promise<void>;
}

export async function testDatabase({ migrate, template = 'migrated' }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser(async (client) => {
    if (migrate) await ensureTemplate(client, template, migrate);
    await client.query(`create database ${quote(name)} template ${migrate ? quote(template) : 'template0'}`);
  });
  const url = databaseUrl(name);
  return {
    url,
    settings: { DATABASE_URL: url },
    drop: () => asSuperuser(async (client) => void (await client.query(`drop database if exists ${quote(name)} with (force)`))),
  };
}

async function ensureTemplate(
  client: pg.Client,
  name: string,
  migrate: NonNullable<TestDatabaseOptions['migrate']>,
): Promise<void> {
  // Specs run in several workers: the first builds the template, the others wait for it.
  await client.query(`select pg_advisory_lock(hashtext('test template'), hashtext($1))`, [name]);
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount) return;
    const unfinished = `${name}_unfinished`;
    await client.query(`drop database if exists ${quote(unfinished)} with (force)`);
    await client.query(`create database ${quote(unfinished)} template template0`);
    await migrate({ DATABASE_URL: databaseUrl(unfinished) });
    await client.query(`alter database ${quote(unfinished)} rename to ${quote(name)}`);
  } finally {
    await client.query(`select pg_advisory_unlock(hashtext('test template'), hashtext($1))`, [name]);
  }
}

async function asSuperuser(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl('postgres') });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(name: string): string {
  const url = new URL(serverUrl('postgres'));
  url.pathname = `/${name}`;
  return url.href;
}

function quote(identifier: string): string {
  return pg.escapeIdentifier(identifier);
}
