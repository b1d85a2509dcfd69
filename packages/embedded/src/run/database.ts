import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../postgres/postgres.js';
import { Complaint } from './complaint.js';

export interface Database {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  readonly takenOver: boolean;
  stop(): Promise<void>;
}

const name = 'tintype';
/** Away from 5432, where a PostgreSQL of the machine would be. */
const preferredPort = 55_432;

/** The embedded PostgreSQL with our database, for one run at a time. */
export async function startDatabase(dataDirectory: string): Promise<Database> {
  const directory = postgresDirectory(dataDirectory);
  const server = await startPostgres({ directory, preferredPort }).catch((error: Error) => {
    throw new Complaint(error.message, { cause: error });
  });
  // Held as long as this process lives. A lock file would outlive a process that was killed, and this does not.
  const owner = new pg.Client({ connectionString: server.url() });
  owner.on('error', () => undefined);
  await owner.connect();
  const { rows } = await owner.query<{ owned: boolean }>(`select pg_try_advisory_lock(hashtext('tintype run')) as owned`);
  if (!rows[0]?.owned) {
    await owner.end();
    throw new Complaint(`Another \`make run\` is using ${dataDirectory}. Stop it, or give this one its own: DATA_DIR=… make run`);
  }
  const { rowCount } = await owner.query('select from pg_database where datname = $1', [name]);
  if (!rowCount) await owner.query(`create database ${name}`);
  return {
    ...server,
    url: server.url(name),
    async stop() {
      await owner.end();
      await server.stop();
    },
  };
}

export function postgresDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'postgresql');
}
