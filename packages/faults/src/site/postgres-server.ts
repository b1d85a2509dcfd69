import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Postgres, startPostgres, stopPostgres } from '@tintype/embedded';
import { databaseSettings, dataSourceOptions, migrate } from '@tintype/jobs';
import { loadSettings } from '@tintype/platform';
import { eventually } from '@tintype/testing';
import { DataSource } from 'typeorm';
import { execFile } from './exec.js';
import { lastingPort } from './ports.js';

const database = 'tintype';
/** Time enough for a recovery on a machine that is busy. */
const startMs = 60_000;

/** A PostgreSQL with its own data on disk, as durable as in production: fsync is on. */
export class PostgresServer {
  private constructor(
    private readonly directory: string,
    private readonly settings: Readonly<Record<string, string>>,
    private server: Postgres,
  ) {}

  /** From the data that {@link prepareData} has left in `template`. */
  static async start(
    directory: string,
    { template, settings }: { readonly template: string; readonly settings: Readonly<Record<string, string>> },
  ): Promise<PostgresServer> {
    await execFile('cp', ['-a', template, directory]);
    const all = { max_connections: '200', shared_buffers: '64MB', ...settings };
    const server = await startPostgres({ directory, preferredPort: await lastingPort(), settings: all });
    return new PostgresServer(directory, all, server);
  }

  get url(): string {
    return this.server.url(database);
  }

  /** Of the maintenance database. */
  get adminUrl(): string {
    return this.server.url();
  }

  /** `SIGQUIT` is `pg_ctl stop -m immediate`, `SIGKILL` what the kernel does when memory is short: no checkpoint, no goodbye. */
  async crash(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void> {
    const [pid] = (await readFile(join(this.server.directory, 'data', 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), signal);
    await eventually(() => !isRunning(Number(pid)), { timeoutMs: startMs });
  }

  /** On the same port. The processes of a server that was killed may hold its data for a moment. */
  async start(): Promise<void> {
    const { port } = this.server;
    this.server = await eventually(
      () => startPostgres({ directory: this.directory, preferredPort: port, settings: this.settings }),
      { timeoutMs: startMs, everyMs: 250 },
    );
    if (this.server.port !== port) throw new Error(`PostgreSQL came back on port ${this.server.port} in place of ${port}`);
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

/** Makes the data of a server whose database is migrated, to be copied for every site. */
export async function prepareData(directory: string): Promise<void> {
  const server = await startPostgres({ directory, settings: { fsync: 'off' } });
  await withDataSource(server.url(), (dataSource) => dataSource.query(`create database ${database}`));
  await withDataSource(server.url(database), (dataSource) => migrate(dataSource));
  await server.stop();
}

/** Stops the server of a site whose owner was killed. */
export async function stopAbandoned(directory: string): Promise<void> {
  await stopPostgres(directory);
}

export async function withDataSource<T>(url: string, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const settings = loadSettings(databaseSettings, { DATABASE_URL: url });
  const dataSource = await new DataSource(dataSourceOptions(settings)).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
