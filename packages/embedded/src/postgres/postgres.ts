/** A PostgreSQL server of our own, from the programs in node_modules: nothing to install, on a data directory and a port. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, portIsFree } from '../ports.js';
import { postgresAccount, type Account } from './account.js';
import { postgresPrograms, type PostgresPrograms } from './programs.js';
import { postgresDirectory } from './directory.js';

export interface PostgresOptions {
  /** Holds the data, the server's log and the password; kept when the server stops. */
  readonly directory: string;
  /** Another one is taken when it is busy. Default: any free port. */
  readonly preferredPort?: number;
  /** Settings of postgresql.conf for this start, such as `fsync: 'off'`. Names and values: word characters only. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Postgres {
  readonly port: number;
  /** Where the data really are: below /var/lib if the server's account cannot reach the wanted directory. */
  readonly directory: string;
  /** Whether a server that an earlier, killed process left behind was taken over. */
  readonly takenOver: boolean;
  /** A connection URL as superuser. Default: the database `postgres`. */
  url(database?: string): string;
  /** Disconnects the clients and resolves when the server has ended. */
  stop(): Promise<void>;
}

const user = 'tintype';

/** Resolves when the server accepts connections; rejects with what PostgreSQL says. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const server = await serverOf(options.directory);
  await server.initialise();

  const running = await server.runningPort();
  const port = running ?? (await freePort(options.preferredPort));
  if (running === undefined) await server.start(port, options.settings ?? {});

  const password = await readFile(server.passwordFile, 'utf8');
  return {
    port,
    directory: server.directory,
    takenOver: running !== undefined,
    url: (database = 'postgres') => `postgres://${user}:${password.trim()}@127.0.0.1:${port}/${database}`,
    stop: () => server.stop(),
  };
}

/** Stops the server of a directory, whoever started it; does nothing when none runs. */
export async function stopPostgres(wanted: string): Promise<void> {
  if (existsSync(wanted)) await (await serverOf(wanted)).stop();
}

/** Stops it and removes its data. */
export async function removePostgres(wanted: string): Promise<void> {
  if (!existsSync(wanted)) return;
  const server = await serverOf(wanted);
  await server.stop();
  await rm(server.directory, { recursive: true, force: true });
}

async function serverOf(wanted: string): Promise<Server> {
  const account = postgresAccount();
  const programs = await postgresPrograms(account);
  return new Server(programs, account, await postgresDirectory(account, wanted));
}

class Server {
  readonly data: string;
  readonly log: string;
  readonly passwordFile: string;

  constructor(
    private readonly programs: PostgresPrograms,
    private readonly account: Account,
    readonly directory: string,
  ) {
    this.data = join(directory, 'data');
    this.log = join(directory, 'postgresql.log');
    this.passwordFile = join(directory, 'password');
  }

  async initialise(): Promise<void> {
    if (existsSync(this.data)) return;
    // Under another name until it is complete: an initialisation that was killed half-way starts anew.
    const unfinished = `${this.data}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await writeFile(this.passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 });
    await this.give(this.passwordFile);
    await this.run('PostgreSQL cannot create its data', this.programs.initdb, [
      `--pgdata=${unfinished}`,
      `--username=${user}`,
      `--pwfile=${this.passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The same order of text on every platform; the operating system's locales differ.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
    ]);
    await rename(unfinished, this.data);
  }

  /** The port of a server that already runs on the data: one whose owner was killed. */
  async runningPort(): Promise<number | undefined> {
    const status = await execute(this.programs.pgCtl, ['status', '-D', this.data], this.account);
    if (status.code !== 0) return undefined;
    const lines = (await readFile(join(this.data, 'postmaster.pid'), 'utf8')).split('\n');
    const port = Number(lines[3]);
    // A port that is free belongs to a server that is just going down (or a zombie): wait for its end instead.
    if (port && !(await portIsFree(port))) return port;
    await this.stop();
    return undefined;
  }

  async start(port: number, settings: Readonly<Record<string, string>>): Promise<void> {
    const flags = Object.entries({ listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings }).map(
      ([name, value]) => {
        if (!/^[\w.]*$/.test(name + value)) throw new Error(`Not a PostgreSQL setting: ${name}=${value}`);
        return `-c ${name}=${value}`;
      },
    );
    await writeFile(this.log, '', { mode: 0o600 });
    await this.give(this.log);
    try {
      // pg_ctl puts the server into a session of its own: Ctrl-C reaches this process and not the server.
      const args = ['start', '-D', this.data, '-l', this.log, '-w', '-t', '60', '-o', `-p ${port} ${flags.join(' ')}`];
      await this.run('PostgreSQL does not start', this.programs.pgCtl, args);
    } catch (error) {
      const log = (await readFile(this.log, 'utf8').catch(() => '')).trim().split('\n').slice(-10).join('\n');
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${log}`, { cause: error });
    }
  }

  async stop(): Promise<void> {
    if (!existsSync(this.data)) return;
    const stopped = await execute(this.programs.pgCtl, ['stop', '-D', this.data, '-m', 'fast', '-w', '-t', '60'], this.account);
    if (stopped.code === 0) return;
    const status = await execute(this.programs.pgCtl, ['status', '-D', this.data], this.account);
    if (status.code === 0) throw new Error(`PostgreSQL does not stop: ${stopped.output}`);
  }

  private async give(path: string): Promise<void> {
    if ('uid' in this.account) await chown(path, this.account.uid, this.account.gid);
  }

  private async run(complaint: string, program: string, args: string[]): Promise<void> {
    const { code, output } = await execute(program, args, this.account);
    if (code !== 0) throw new Error(`${complaint} (${this.directory}): ${output}`);
  }
}

interface Execution {
  readonly code: number | null;
  readonly output: string;
}

function execute(program: string, args: string[], account: Account): Promise<Execution> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...account,
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    // Not 'close': the server that pg_ctl starts may keep the pipes open.
    child.once('exit', (code) => resolve({ code, output: output.trim() }));
  });
}
