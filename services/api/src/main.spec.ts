/** The programs of this service as processes, as they run in production. */
import { eventually, type RunningService, startService, testDatabase, testDirectory, testRedis } from '@tintype/testing';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { inline, json, photo, thumb } from './spec/requests.js';

const entry = fileURLToPath(new URL('./main.js', import.meta.url));
const migrate = fileURLToPath(new URL('./migrate.js', import.meta.url));
const mebibyte = 1024 * 1024;

const [database, redis, directory] = await Promise.all([testDatabase(), testRedis(), testDirectory()]);
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = { API_PORT: String(port), STORAGE_DIR: directory.path, LOG_FORMAT: 'json', ...database.settings, ...redis.settings };

let service: RunningService;
beforeAll(async () => {
  expect(run(migrate, env)).toMatchObject({ status: 0, log: expect.stringContaining('database is up to date') });
  service = await startService({ entry, env, readyUrl: `${url}/readyz` });
});
afterAll(async () => {
  await service.stop('SIGKILL');
  await Promise.all([database.drop(), directory.remove()]);
});

function run(program: string, environment: Record<string, string>): { status: number | null; log: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { env: environment, encoding: 'utf8' });
  return { status, log: stdout + stderr };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

test('migrate may run again', () => {
  expect(run(migrate, env)).toMatchObject({ status: 0 });
});

test.each([
  [entry, { API_PORT: '80000', MAX_WAIT_SECONDS: 'x' }, ['API_PORT', 'MAX_WAIT_SECONDS', 'STORAGE_DIR']],
  [migrate, { PG_PORT: 'x' }, ['PG_PORT']],
])('%s names all wrong and missing settings and exits with 78', (program, environment, names) => {
  const { status, log } = run(program, environment);
  expect(status).toBe(78);
  for (const name of names) expect(log).toContain(name);
});

test('migrate without a database fails, and does not tell the password', () => {
  const { status, log } = run(migrate, { DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x', LOG_FORMAT: 'json' });
  expect(status).toBe(1);
  expect(log).toContain('database could not be migrated');
  expect(log).not.toContain('hunter2');
});

test('eight uploads of 24 MB at a time do not take up memory', async () => {
  const before = peakMemoryBytes();
  const chunk = Buffer.concat([photo], 256 * 1024);
  async function* image(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < 24 * mebibyte; sent += chunk.length) yield chunk;
  }
  const upload = () => ({
    method: 'POST',
    headers: { 'Content-Type': 'image/jpeg' },
    body: image() as unknown as ReadableStream,
    duplex: 'half',
  });
  const answers = await Promise.all(Array.from({ length: 8 }, () => fetch(`${url}/v1/uploads`, upload() as RequestInit)));

  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
  expect(peakMemoryBytes() - before).toBeLessThan(96 * mebibyte);
});

/** The most that the process has ever had in memory. */
function peakMemoryBytes(): number {
  const status = readFileSync(`/proc/${service.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

test('SIGTERM answers those who wait and ends with 0', async () => {
  const waiting = fetch(`${url}/v1/jobs`, json({ source: inline(), outputs: [thumb] }, { Prefer: 'wait=60' }));
  await eventually(async () => ((await (await fetch(`${url}/v1/jobs`)).json()) as { data: unknown[] }).data.length > 0);
  const started = performance.now();
  const stopped = service.stop();
  expect((await waiting).status).toBe(202);
  expect(await stopped).toEqual({ code: 0, signal: null });
  expect(performance.now() - started).toBeLessThan(10_000);
});
