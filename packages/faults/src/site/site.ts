/** Everything that a fault needs for itself: PostgreSQL, Redis, a storage, and the services as they ship. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tintype/testing';
import pg from 'pg';
import type { Change } from '../changes/change.js';
import { checkoutWith } from '../changes/checkout.js';
import { shortKeyLocks, shortWebhookWaits } from '../changes/short-waits.js';
import type { Violation } from '../violation.js';
import { Client } from './client.js';
import { execFile } from './exec.js';
import { Fleet } from './fleet.js';
import { lastingPort } from './ports.js';
import { PostgresServer } from './postgres-server.js';
import { Random } from './random.js';
import { Receiver } from './receiver.js';
import { RedisServer } from './redis-server.js';
import { Relay } from './relay.js';
import { Store, type StoreKind } from './store.js';
import { checkoutsOf, runDirectory, templateOf } from './run-directory.js';

/** Short waits, and webhooks to this machine. */
const forApi = { REQUEST_TIMEOUT_SECONDS: '5', WEBHOOK_TIMEOUT_SECONDS: '2', OUTBOUND_ALLOW: '127.0.0.1' };

export interface SiteOptions {
  /** How many there are at first. Default: 1. */
  readonly apis?: number;
  /** Default: 2. */
  readonly workers?: number;
  /** Jobs that a worker runs at a time. Default: 2. */
  readonly concurrency?: number;
  /** Whether the workers have the children of the worker's own specs, which do harm when a job's output has the name of one. */
  readonly mischief?: boolean;
  readonly changes?: readonly Change[];
  /** More settings of the services. */
  readonly apiEnv?: Readonly<Record<string, string>>;
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** Of postgresql.conf. */
  readonly postgres?: Readonly<Record<string, string>>;
  /** Options of redis-server. */
  readonly redis?: readonly string[];
  /** Between the services and their stores, for lines that fail. */
  readonly relayed?: boolean;
  /** Default: a directory. */
  readonly storage?: StoreKind;
  /** Whether somebody is told by webhook of every end. */
  readonly webhooks?: boolean;
}

interface Parts {
  /** Where everything of it lies, its logs among it. */
  readonly directory: string;
  readonly random: Random;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly lines: Lines | undefined;
  readonly store: Store;
  readonly receiver: Receiver | undefined;
  /** As the services have it. */
  readonly env: Readonly<Record<string, string>>;
  readonly checkout: string;
  readonly apis: Fleet;
  readonly workers: Fleet;
}

interface Lines {
  readonly postgres: Relay;
  readonly redis: Relay;
}

/** How long a scenario may leave PostgreSQL down. */
const awayMs = 120_000;
const awayCodes = /^(08...|57P0.|ECONNREFUSED|ECONNRESET|EPIPE)$/;

export class Site {
  readonly client: Client;
  /** What the scenario itself found broken. */
  readonly violations: Violation[] = [];
  /** Figures, for those who read the report. */
  readonly facts: Record<string, number | string> = {};
  readonly #parts: Parts;
  readonly #pool: pg.Pool;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.client = new Client(() => parts.apis.url);
    this.#pool = new pg.Pool({ connectionString: parts.postgres.url, max: 4 });
    this.#pool.on('error', () => undefined);
  }

  static async open(options: SiteOptions): Promise<Site> {
    const site = new Site(await assemble(options));
    try {
      await Promise.all([site.apis.start(options.apis ?? 1), site.workers.start(options.workers ?? 2)]);
      if (site.receiver) await site.subscribe(site.receiver.url, site.receiver.secret);
      return site;
    } catch (error) {
      await site.close({ keep: true });
      throw error;
    }
  }

  get random(): Random {
    return this.#parts.random;
  }

  get postgres(): PostgresServer {
    return this.#parts.postgres;
  }

  get redis(): RedisServer {
    return this.#parts.redis;
  }

  get apis(): Fleet {
    return this.#parts.apis;
  }

  get workers(): Fleet {
    return this.#parts.workers;
  }

  get store(): Store {
    return this.#parts.store;
  }

  /** Where everything of it lies, its logs among it. */
  get directory(): string {
    return this.#parts.directory;
  }

  /** The relays of a site that has them. */
  get lines(): Lines {
    if (!this.#parts.lines) throw new Error('the site has no relays');
    return this.#parts.lines;
  }

  /** Who is told of every end, on a site that has such a one. */
  get receiver(): Receiver | undefined {
    return this.#parts.receiver;
  }

  /** Runs a program of the services to its end. */
  async run(program: string, ...args: readonly string[]): Promise<void> {
    const { PATH, HOME, TMPDIR } = process.env;
    const env = { PATH, HOME, TMPDIR, ...this.#parts.env };
    await execFile(process.execPath, [join(this.#parts.checkout, program), ...args], { env });
  }

  /** Registers an endpoint for webhooks; resolves to its id. */
  async subscribe(url: string, secret?: string): Promise<string> {
    const body = JSON.stringify({ url, secret });
    const headers = { 'content-type': 'application/json' };
    const answer = await this.client.request('/v1/webhook-endpoints', { method: 'POST', headers, body });
    if (answer.status !== 201) throw new Error(`no endpoint was registered: ${answer.status} ${JSON.stringify(answer.body)}`);
    return (answer.body as { readonly id: string }).id;
  }

  /** Records that something does not hold. */
  check(holds: boolean, rule: string, what: string): void {
    if (!holds) this.violations.push({ rule, what });
  }

  /** Rows, from PostgreSQL itself; waits while that is away. */
  async rows<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const giveUpAt = performance.now() + awayMs;
    for (;;) {
      try {
        return (await this.#pool.query<Row>(sql, [...values])).rows;
      } catch (error) {
        if (!isAway(error) || performance.now() > giveUpAt) throw error;
        await sleep(100);
      }
    }
  }

  /** The first value of the first row. */
  async value<T>(sql: string, values: readonly unknown[] = []): Promise<T> {
    const [row] = await this.rows<Record<string, T>>(sql, values);
    return Object.values(row ?? {})[0] as T;
  }

  /** Whether a statement has answered `true` as its first value in time. */
  async until(sql: string, timeoutMs = 30_000): Promise<boolean> {
    return eventually(() => this.value<boolean>(sql), { timeoutMs, everyMs: 50 }).then(
      () => true,
      () => false,
    );
  }

  /** Whether all jobs have ended in time. */
  async untilEnded(timeoutMs = 120_000): Promise<boolean> {
    return this.until('select not exists (select from job where finished_at is null)', timeoutMs);
  }

  /** Stops the services, in their own time. */
  async stopServices(): Promise<void> {
    await Promise.all([this.apis.stop(), this.workers.stop()]);
  }

  /** `keep`: leaves its files, for somebody to look at. */
  async close({ keep }: { readonly keep: boolean }): Promise<void> {
    const { apis, workers, lines, receiver, store, postgres, redis, directory } = this.#parts;
    await Promise.all([apis.stop('SIGKILL'), workers.stop('SIGKILL'), this.#pool.end()]);
    await Promise.all([lines?.postgres.close(), lines?.redis.close(), receiver?.close(), store.close()]);
    await Promise.all([postgres.stop(), redis.kill()]);
    if (!keep) await rm(directory, { recursive: true, force: true });
  }
}

/** All of it but for the processes of the services. */
async function assemble(options: SiteOptions): Promise<Parts> {
  const run = runDirectory();
  const random = new Random();
  const directory = await mkdtemp(join(run, 'site-'));
  await chmod(directory, 0o711); // PostgreSQL's own account passes through it.
  const logDirectory = join(directory, 'logs');
  await mkdir(logDirectory);
  const [store, postgres, redis] = await Promise.all([
    Store.open(options.storage ?? 'directory', join(directory, 'images'), random),
    PostgresServer.start(join(directory, 'postgresql'), { template: templateOf(run), settings: options.postgres ?? {} }),
    RedisServer.start(options.redis),
  ]);
  const changes = [...shortKeyLocks, ...shortWebhookWaits, ...store.changes, ...(options.changes ?? [])];
  const checkout = await checkoutWith(changes, checkoutsOf(run));
  const { lines, ...urls } = await connected(postgres.url, redis.url, options.relayed ?? false);
  const env = { ...urls, ...store.env };
  const shared = { logDirectory, random };
  const apis = new Fleet({
    name: 'api',
    entry: join(checkout, 'services/api/dist/main.js'),
    env: { ...env, ...forApi, ...options.apiEnv },
    portSetting: 'API_PORT',
    ...shared,
  });
  const workers = new Fleet({
    name: 'worker',
    entry: join(checkout, 'services/worker/dist', options.mischief ? 'testing/mischief-worker.js' : 'main.js'),
    env: { ...env, DRAIN_SECONDS: '5', WORKER_CONCURRENCY: String(options.concurrency ?? 2), ...options.workerEnv },
    portSetting: 'METRICS_PORT',
    ...shared,
  });
  const receiver = options.webhooks ? await Receiver.start() : undefined;
  return { directory, random, postgres, redis, lines, store, receiver, env, checkout, apis, workers };
}

/** The way to the stores: through relays if need be. */
async function connected(postgresUrl: string, redisUrl: string, relayed: boolean) {
  if (!relayed) return { lines: undefined, DATABASE_URL: postgresUrl, REDIS_URL: redisUrl };
  const postgres = await Relay.to(postgresUrl, await lastingPort());
  const redis = await Relay.to(redisUrl, await lastingPort());
  return { lines: { postgres: postgres.relay, redis: redis.relay }, DATABASE_URL: postgres.url, REDIS_URL: redis.url };
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return 'code' in error ? awayCodes.test(String(error.code)) : /terminated|timeout|ended/i.test(error.message);
}
