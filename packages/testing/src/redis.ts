/** A Redis database of its own for every spec, in the test run's one redis-server. */
import { Redis } from 'ioredis';
import { redisDatabases } from './jest/redis-server.js';
import { serverUrl } from './environment.js';

export interface TestRedis {
  /** With the database's number: `redis://127.0.0.1:6400/7`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly database: number;
  /** The same as settings, also for the environment of a service. */
  readonly settings: { readonly REDIS_URL: string };
  /** Removes every key. */
  flush(): Promise<void>;
}

export async function testRedis(): Promise<TestRedis> {
  const server = new URL(serverUrl('redis'));
  const database = await withRedis(server.href, (redis) => redis.incr('databases given out'));
  if (database >= redisDatabases) throw new Error(`The test run has used up its ${redisDatabases} Redis databases`);
  const url = new URL(`/${database}`, server).href;
  return {
    url,
    host: server.hostname,
    port: Number(server.port),
    database,
    settings: { REDIS_URL: url },
    flush: () => withRedis(url, async (redis) => void (await redis.flushdb())),
  };
}

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
