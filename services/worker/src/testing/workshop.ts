/** Everything around a worker, for specs: a database, a queue, a storage, and real worker processes on them. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  databaseSettings,
  dataSourceOptions,
  isFinal,
  type Job,
  JobIntake,
  JobReader,
  migrate,
  QUEUE,
  queueConnection,
  queueSettings,
  type StoredFile,
  uploadKey,
  wake,
} from '@tintype/jobs';
import { Output } from '@tintype/operations';
import { loadSettings } from '@tintype/platform';
import { FilesystemStorage, type Storage } from '@tintype/storage';
import {
  eventually,
  freePort,
  type RunningService,
  startService,
  testDatabase,
  testDirectory,
  testRedis,
  type TestRedis,
} from '@tintype/testing';
import { Queue, setDefaultBackendFactory } from 'bullmq';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

const programs = {
  real: fileURLToPath(new URL('../main.js', import.meta.url)),
  mischief: fileURLToPath(new URL('mischief-worker.js', import.meta.url)),
};

export interface TestWorker extends RunningService {
  /** The value of a sample, as `worker_jobs_active`, or `worker_child_exits_total{reason="timeout"}`. */
  metric(sample: string): Promise<number | undefined>;
  /** All lines of /metrics that begin so. */
  metricLines(prefix: string): Promise<string[]>;
  url: string;
}

export class Workshop {
  readonly intake: JobIntake;
  readonly reader: JobReader;
  readonly #workers: RunningService[] = [];
  #queue: Queue | undefined;

  private constructor(
    readonly dataSource: DataSource,
    readonly storage: Storage,
    readonly storageDirectory: string,
    readonly env: Readonly<Record<string, string>>,
    private readonly redis: TestRedis | undefined,
    private readonly cleanUp: () => Promise<void>,
  ) {
    this.intake = new JobIntake(dataSource);
    this.reader = new JobReader(dataSource);
  }

  static async open({
    backend = 'redis',
    migrated = true,
  }: { backend?: 'redis' | 'postgres'; migrated?: boolean } = {}): Promise<Workshop> {
    const [database, directory] = await Promise.all([testDatabase(), testDirectory()]);
    const redis = backend === 'redis' ? await testRedis() : undefined;
    const dataSource = await new DataSource(dataSourceOptions(loadSettings(databaseSettings, database.settings))).initialize();
    if (migrated) await migrate(dataSource, backend);
    const storage = new FilesystemStorage({ directory: directory.path });
    const env = {
      ...database.settings,
      ...redis?.settings,
      STORAGE_DIR: directory.path,
      LOG_LEVEL: 'debug',
      WORKER_CONCURRENCY: '2',
    };
    return new Workshop(dataSource, storage, directory.path, env, redis, async () => {
      await dataSource.destroy();
      await Promise.all([database.drop(), directory.remove()]);
    });
  }

  async worker(program: keyof typeof programs = 'real', env: Readonly<Record<string, string>> = {}): Promise<TestWorker> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const service = await startService({
      entry: programs[program],
      env: { ...this.env, ...env, METRICS_PORT: String(port) },
      readyUrl: `${url}/readyz`,
      timeoutMs: 60_000,
    });
    this.#workers.push(service);
    const metricLines = async (prefix: string): Promise<string[]> => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.split('\n').filter((line) => line.startsWith(prefix));
    };
    return Object.assign(service, {
      url,
      metricLines,
      metric: async (sample: string) => {
        const [line] = await metricLines(`${sample} `);
        return line === undefined ? undefined : Number(line.split(' ').at(-1));
      },
    });
  }

  async stored(bytes: Buffer, format = 'jpeg', id = uuidv7()): Promise<StoredFile> {
    const storageKey = uploadKey(id);
    await this.storage.put(storageKey, Readable.from([bytes]));
    return { storageKey, bytes: bytes.length, format, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  /** A job whose outputs are written as a client would. A source that comes with it is stored under its id, as the API does. */
  async submit(source: Buffer | StoredFile, ...outputs: Readonly<Record<string, unknown>>[]): Promise<Job> {
    const id = uuidv7();
    const file = Buffer.isBuffer(source) ? await this.stored(source, 'jpeg', id) : source;
    return this.intake.create({
      id,
      source: file,
      outputs: outputs.map((output) => Output.parse({ operations: [], ...output })),
    });
  }

  async read({ id }: Pick<Job, 'id'>): Promise<Job> {
    const job = await this.reader.find(id);
    if (!job) throw new Error('There is no such job');
    return job;
  }

  /** The job when it has ended. */
  ended(job: Pick<Job, 'id'>, timeoutMs = 30_000): Promise<Job> {
    return this.when(job, ({ status }) => isFinal(status), timeoutMs);
  }

  when(job: Pick<Job, 'id'>, isSo: (job: Job) => boolean, timeoutMs = 30_000): Promise<Job> {
    return eventually(
      async () => {
        const now = await this.read(job);
        return isSo(now) && now;
      },
      { timeoutMs },
    );
  }

  /** Keys of all stored outputs. */
  async outputKeys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.storage.list('outputs/')) keys.push(key);
    return keys.sort();
  }

  async bytes(key: string): Promise<Buffer> {
    const { body } = await this.storage.get(key);
    return Buffer.concat(await body.toArray());
  }

  /** Wakes a worker, as the API does for a new job. */
  async wake(): Promise<void> {
    this.#queue ??= new Queue(QUEUE, queueConnection(loadSettings({ ...queueSettings, ...databaseSettings }, this.env)));
    await this.#queue.waitUntilReady();
    await wake(this.#queue);
  }

  /** Redis forgets everything. */
  async flushQueue(): Promise<void> {
    await this.redis?.flush();
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop('SIGKILL')));
    await this.#queue?.close();
    setDefaultBackendFactory();
    await this.cleanUp();
  }
}
