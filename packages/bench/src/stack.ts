/** What Tintype runs on, as in production: PostgreSQL with fsync, Redis if there is one, a storage; and the real services on it. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, spawnService, startPostgres, type Postgres, type ServiceProcess } from '@tintype/embedded';
import { databaseSettings, dataSourceOptions, JobIntake, migrate, type QueueBackend, type StoredFile } from '@tintype/jobs';
import sharp from 'sharp';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { benchDirectory, root } from './paths.js';
import { redisVersion, startRedis, type RedisServer } from './redis.js';

export interface RunningService extends ServiceProcess {
  readonly url: string;
}

/** What can wake the workers on this machine. */
export const backends: readonly QueueBackend[] = redisVersion() ? ['postgres', 'redis'] : ['postgres'];

export const backendTitles: Readonly<Record<QueueBackend, string>> = { postgres: 'PostgreSQL', redis: 'Redis' };

/** Jobs that a worker runs at a time: its default. */
export const concurrency = availableParallelism() + 1;

const database = 'bench';

export class Stack {
  readonly #services: ServiceProcess[] = [];

  private constructor(
    readonly databaseUrl: string,
    readonly dataSource: DataSource,
    private readonly storageDirectory: string,
    private readonly postgres: Postgres,
    private readonly redis: RedisServer | undefined,
  ) {}

  /** An empty database and an empty storage. `directory`: for a second one at the same time. */
  static async open(backend: QueueBackend, directory = benchDirectory): Promise<Stack> {
    const storageDirectory = join(directory, 'storage');
    await rm(storageDirectory, { recursive: true, force: true });
    await mkdir(join(storageDirectory, 'uploads'), { recursive: true });
    const postgres = await startPostgres({ directory: join(directory, 'postgresql') });
    const redis = backend === 'redis' ? await startRedis() : undefined;
    const maintenance = await connect(postgres.url());
    await maintenance.query(`drop database if exists ${database} with (force)`);
    await maintenance.query(`create database ${database}`);
    await maintenance.destroy();
    const url = postgres.url(database);
    const dataSource = await connect(url);
    await migrate(dataSource, backend);
    return new Stack(url, dataSource, storageDirectory, postgres, redis);
  }

  get intake(): JobIntake {
    return new JobIntake(this.dataSource);
  }

  /** `checkout`: the root of another one than this. */
  async worker(checkout = root): Promise<RunningService> {
    return this.#start('worker', 'METRICS_PORT', checkout);
  }

  async api(): Promise<RunningService> {
    return this.#start('api', 'API_PORT', root);
  }

  /** Puts a file where an upload would be. */
  async store(path: string): Promise<StoredFile> {
    const storageKey = `uploads/${uuidv7()}`;
    await copyFile(path, join(this.storageDirectory, storageKey));
    const bytes = await readFile(path);
    const { format } = await sharp(bytes).metadata();
    return { storageKey, bytes: bytes.length, format, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  /** Resolves when as many jobs of those are finished; rejects when one of them did not complete. */
  async untilFinished(ids: readonly string[]): Promise<void> {
    for (;;) {
      const [counted] = await this.dataSource.query<{ finished: number; failed: number }[]>(
        `select count(finished_at)::int as finished, count(error_code)::int as failed from job where id = any($1)`,
        [ids],
      );
      if (counted?.failed) throw new Error(`${counted.failed} jobs failed`);
      if (counted?.finished === ids.length) return;
      await sleep(250);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop()));
    await this.dataSource.destroy();
    await this.redis?.stop();
    await this.postgres.stop();
    await rm(this.storageDirectory, { recursive: true, force: true });
  }

  async #start(name: 'api' | 'worker', portSetting: string, checkout: string): Promise<RunningService> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const lastLines: string[] = [];
    const service = spawnService({
      entry: join(checkout, 'services', name, 'dist', 'main.js'),
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: this.databaseUrl,
        ...(this.redis && { REDIS_URL: this.redis.url }),
        STORAGE_DIR: this.storageDirectory,
        WORKER_CONCURRENCY: String(concurrency),
        // Jobs are accepted here that nobody does.
        BACKLOG_MAX_JOBS: String(1_000_000),
        [portSetting]: String(port),
      },
      onLine(line) {
        lastLines.push(line);
        if (lastLines.length > 10) lastLines.shift();
      },
    });
    this.#services.push(service);
    await service.untilReady(`${url}/readyz`, 60_000).catch((error: unknown) => {
      throw new Error(`The ${name} does not start:\n${lastLines.join('\n')}`, { cause: error });
    });
    return { ...service, url };
  }
}

export async function postgresVersion(): Promise<string> {
  const stack = await Stack.open('postgres');
  const [row] = await stack.dataSource.query<{ server_version: string }[]>('show server_version');
  await stack.close();
  return row?.server_version ?? '';
}

function connect(url: string): Promise<DataSource> {
  const settings = z.object(databaseSettings).parse({ DATABASE_URL: url });
  return new DataSource(dataSourceOptions(settings)).initialize();
}
