/** The one PostgreSQL and the one Redis of a test run, in a directory below the temporary one. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, stopPostgres } from '@tintype/embedded';
import { startRedis, stopRedis } from './redis-server.js';

export interface TestServers {
  readonly postgresUrl: string;
  readonly redisUrl: string;
  stop(): Promise<void>;
}

const prefix = 'tintype-test-';

export async function startTestServers(): Promise<TestServers> {
  await removeAbandoned();
  const directory = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(directory, 0o711); // PostgreSQL's own account passes through it.
  writeFileSync(ownerFile(directory), String(process.pid));
  const stop = (): Promise<void> => remove(directory);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void stop().finally(() => process.kill(process.pid, signal)));
  }

  const [redis, postgres] = await Promise.allSettled([
    startRedis(directory),
    startPostgres({
      directory: postgresDirectory(directory),
      settings: {
        fsync: 'off',
        full_page_writes: 'off',
        synchronous_commit: 'off',
        max_connections: '300',
        shared_buffers: '64MB',
      },
    }),
  ]);
  if (redis.status === 'fulfilled' && postgres.status === 'fulfilled') {
    return { redisUrl: redis.value, postgresUrl: postgres.value.url(), stop };
  }
  await stop();
  throw [redis, postgres].find((server) => server.status === 'rejected')?.reason;
}

/** Servers whose test run was killed: nothing else would ever stop them. */
async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const directory = join(tmpdir(), name);
    if (existsSync(ownerFile(directory)) && !isRunning(Number(readFileSync(ownerFile(directory), 'utf8'))))
      await remove(directory);
  }
}

async function remove(directory: string): Promise<void> {
  await Promise.all([stopRedis(directory), stopPostgres(postgresDirectory(directory))]);
  rmSync(directory, { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function ownerFile(directory: string): string {
  return join(directory, 'owner.pid');
}

function postgresDirectory(directory: string): string {
  return join(directory, 'postgresql');
}
