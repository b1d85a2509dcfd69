/**
 * The queue that wakes workers. A message says no more than that there may be work: which jobs are due PostgreSQL tells, so the
 * queue may lose, repeat and delay its messages, and BullMQ's own retries, delays and history are not used.
 */
import {
  createPostgresBackend,
  setDefaultBackendFactory,
  type ConnectionOptions,
  type Queue,
  type QueueOptions,
  type RedisOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { connectionOptions, type DatabaseSettings } from './database-settings.js';

export const QUEUE = 'jobs';

/** Of the one message. Its id is the same each time, so the queue holds it once however many jobs wait. */
const WAKE = 'wake';

export const queueSettings = {
  QUEUE_BACKEND: z
    .enum(['redis', 'postgres'])
    .optional()
    .meta({ description: 'What wakes the workers. Default: `redis` when REDIS_URL or REDIS_HOST is set, else `postgres`' }),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .meta({
      description: 'redis://user:password@host:port/database, or rediss:// for TLS; instead of the other REDIS_ settings',
      secret: true,
    }),
  REDIS_HOST: z.string().min(1).optional().meta({ description: 'Host of Redis or Valkey' }),
  REDIS_PORT: z.coerce.number().int().min(1).max(65535).default(6379).meta({ description: 'Port of Redis' }),
  REDIS_USER: z.string().min(1).optional().meta({ description: 'User of Redis, if it has users' }),
  REDIS_PASSWORD: z.string().min(1).optional().meta({ description: 'Password of Redis', secret: true }),
  REDIS_DB: z.coerce.number().int().min(0).default(0).meta({ description: 'Number of the Redis database' }),
  REDIS_TLS: z.boolean().default(false).meta({ description: 'Whether to speak TLS with Redis' }),
  REDIS_ALLOW_EVICTION: z
    .boolean()
    .default(false)
    .meta({ description: 'Start although Redis may drop keys when its memory is full. Jobs then start late, but none is lost' }),
};
export type QueueSettings = z.output<z.ZodObject<typeof queueSettings>>;

export type QueueBackend = NonNullable<QueueSettings['QUEUE_BACKEND']>;

export function queueBackend(settings: Pick<QueueSettings, 'QUEUE_BACKEND' | 'REDIS_URL' | 'REDIS_HOST'>): QueueBackend {
  return settings.QUEUE_BACKEND ?? (settings.REDIS_URL || settings.REDIS_HOST ? 'redis' : 'postgres');
}

/** BullMQ opens a pool for each queue and each worker, beside the pool of the database. */
const poolSize = 4;

/**
 * Options for BullModule.forRootAsync (`producer`) and, in the worker, for its processor (`worker`). With the `postgres` backend
 * it also makes that BullMQ's default in this process: call it before a queue or worker is made.
 */
export function queueConnection(
  settings: QueueSettings & DatabaseSettings,
  use: 'producer' | 'worker' = 'producer',
): QueueOptions {
  const defaultJobOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };
  if (queueBackend(settings) === 'redis') return { connection: redisOptions(settings, use), defaultJobOptions };
  setDefaultBackendFactory(createPostgresBackend);
  const pool = { ...connectionOptions(settings), max: poolSize, keepAlive: true, application_name: `tintype-queue-${use}` };
  // BullMQ passes it on to the backend as it is, but types it for Redis alone.
  return { connection: pool as unknown as ConnectionOptions, defaultJobOptions };
}

/** A producer answers at once when Redis is away, as the job is safe; a worker waits for Redis to come back. */
function redisOptions(settings: QueueSettings, use: 'producer' | 'worker'): RedisOptions {
  const patience =
    use === 'worker'
      ? { maxRetriesPerRequest: null }
      : { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 2_000 };
  if (settings.REDIS_URL) return { url: settings.REDIS_URL, ...patience };
  return {
    host: settings.REDIS_HOST ?? 'localhost',
    port: settings.REDIS_PORT,
    db: settings.REDIS_DB,
    ...(settings.REDIS_USER && { username: settings.REDIS_USER }),
    ...(settings.REDIS_PASSWORD && { password: settings.REDIS_PASSWORD }),
    ...(settings.REDIS_TLS && { tls: {} }),
    ...patience,
  };
}

/**
 * Wakes a worker that has a free slot; while a wake waits for one, another adds nothing. Rejects after `timeoutMs` at the latest:
 * a queue that was never reachable would not answer at all.
 */
export async function wake(queue: Queue, timeoutMs = 2_000): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the queue did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([queue.add(WAKE, {}, { jobId: WAKE }), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Redis would silently drop messages when its memory is full. */
export class EvictionPolicyError extends Error {
  override readonly name = 'EvictionPolicyError';

  constructor(policy: string) {
    super(
      `Redis has maxmemory-policy ${policy}, which drops messages of the queue when its memory is full. ` +
        'Set it to noeviction, or REDIS_ALLOW_EVICTION=true to start nevertheless.',
    );
  }
}

/**
 * Rejects with EvictionPolicyError when Redis may drop keys. An unreachable Redis passes: it must not keep a process from
 * starting, as jobs are accepted without it.
 */
export async function checkEvictionPolicy(settings: QueueSettings): Promise<void> {
  if (queueBackend(settings) !== 'redis' || settings.REDIS_ALLOW_EVICTION) return;
  const policy = await evictionPolicy(settings).catch(() => undefined);
  if (policy !== undefined && policy !== 'noeviction') throw new EvictionPolicyError(policy);
}

async function evictionPolicy(settings: QueueSettings): Promise<string | undefined> {
  const { url, ...options } = redisOptions(settings, 'producer');
  const once = { ...options, lazyConnect: true, retryStrategy: () => null };
  const redis = url ? new Redis(url, once) : new Redis(once);
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    // Not CONFIG GET: hosted services forbid it.
    const info = await redis.info('memory');
    return /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  } finally {
    redis.disconnect();
  }
}
