/** The whole API in this process, on a port of its own, with a database, a Redis and a directory of its own. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type Job, JobLeases, databaseSettings, dataSourceOptions, migrate, outputKey, type OutputOutcome } from '@tintype/jobs';
import { createLogger, loadSettings, NestLogger, prepareApplication, processSettings } from '@tintype/platform';
import type { Storage } from '@tintype/storage';
import { testDatabase, testDirectory, testRedis } from '@tintype/testing';
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { register } from 'prom-client';
import { DataSource } from 'typeorm';
import { AppModule } from '../app.module.js';
import { configureApplication } from '../configure-application.js';
import { apiSettings, type ApiSettings } from '../settings.js';
import { STORAGE } from '../storage/storage.module.js';

export class ApiUnderTest {
  private constructor(
    readonly app: NestExpressApplication,
    /** `http://127.0.0.1:<port>` */
    readonly url: string,
    readonly settings: ApiSettings,
    readonly storageDirectory: string,
    /** Every line that was logged so far. */
    readonly log: readonly Record<string, unknown>[],
    private readonly cleanUp: () => Promise<void>,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<ApiUnderTest> {
    const [database, redis, directory] = await Promise.all([
      testDatabase({ migrate: migrateDatabase }),
      testRedis(),
      testDirectory(),
    ]);
    const settings = loadSettings(
      { ...apiSettings, ...processSettings },
      { API_PORT: '0', STORAGE_DIR: directory.path, ...database.settings, ...redis.settings, LOG_FORMAT: 'json', ...environment },
    );
    const log: Record<string, unknown>[] = [];
    const logger = createLogger(settings, {
      service: 'api',
      destination: { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) },
    });
    const app = await NestFactory.create<NestExpressApplication>(AppModule.register(settings), {
      logger: new NestLogger(logger),
      abortOnError: false,
      bodyParser: false,
    });
    prepareApplication(app, { service: 'api', logger });
    configureApplication(app, settings, logger);
    await app.listen(0, '127.0.0.1');
    const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
    return new ApiUnderTest(app, url, settings, directory.path, log, async () => {
      await app.close();
      register.clear();
      await Promise.all([database.drop(), directory.remove()]);
    });
  }

  get dataSource(): DataSource {
    return this.app.get(DataSource);
  }

  get storage(): Storage {
    return this.app.get<Storage>(STORAGE);
  }

  async close(): Promise<void> {
    await this.cleanUp();
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }

  /** Keys of everything that is stored, but for what a health check has there for a moment. */
  async storedKeys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.storage.list('')) if (!key.startsWith('check-')) keys.push(key);
    return keys;
  }

  async rows(table: 'job' | 'upload' | 'output' | 'input'): Promise<number> {
    const [row] = await this.dataSource.query<{ count: number }[]>(`select count(*)::int from ${table}`);
    return row?.count ?? 0;
  }

  /** Takes a job as a worker does. */
  async claim(id: string): Promise<{ token: string; job: Job }> {
    await this.dataSource.query(
      `update job set priority = (id = $1)::integer where id = $1 or (priority = 1 and status = 'queued')`,
      [id],
    );
    const [claimed] = await this.leases.claim(1, { workerId: 'spec', leaseSeconds: 30, token: randomUUID() });
    if (claimed?.id !== id) throw new Error(`job ${id} cannot be claimed`);
    return { token: claimed.leaseToken, job: claimed };
  }

  /** Ends a job as a worker does; outputs that are not given complete with these bytes. */
  async finish(
    id: string,
    { bytes = Buffer.from('pixels'), outcomes = [] }: { bytes?: Buffer; outcomes?: OutputOutcome[] } = {},
  ): Promise<void> {
    const { token, job } = await this.claim(id);
    const outputs = job.outputs.map(
      async ({ name }) => outcomes.find((outcome) => outcome.name === name) ?? this.storedOutput(job, name, bytes),
    );
    const source = { format: 'jpeg', width: 640, height: 480, pages: 1 };
    await this.leases.complete(id, token, { source, outputs: await Promise.all(outputs) });
  }

  get leases(): JobLeases {
    return new JobLeases(this.dataSource, () => [1, 0, -1]);
  }

  private async storedOutput(job: Job, name: string, bytes: Buffer): Promise<OutputOutcome> {
    const storageKey = outputKey(job, name);
    await this.storage.put(storageKey, Readable.from([bytes]));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const facts = { format: 'webp', mediaType: 'image/webp', width: 20, height: 10, pages: 1, bytes: bytes.length };
    return { name, status: 'completed', ...facts, sha256, storageKey };
  }
}

export async function migrateDatabase(environment: { DATABASE_URL: string }): Promise<void> {
  const dataSource = await new DataSource(dataSourceOptions(loadSettings(databaseSettings, environment))).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
}
