import { eventually, testDatabase, testRedis } from '@tintype/testing';
import { Queue, setDefaultBackendFactory, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { databaseSettings, type DatabaseSettings } from './database-settings.js';
import { migrate } from './migrate.js';
import { checkEvictionPolicy, QUEUE, queueBackend, queueConnection, queueSettings, wake, type QueueSettings } from './queue.js';
import { connect } from './spec/job-database.js';

afterEach(() => setDefaultBackendFactory());

test('Redis wakes the workers when there is one, and PostgreSQL otherwise', () => {
  expect(queueBackend(parse({}))).toBe('postgres');
  expect(queueBackend(parse({ REDIS_HOST: 'redis' }))).toBe('redis');
  expect(queueBackend(parse({ REDIS_URL: 'redis://redis' }))).toBe('redis');
  expect(queueBackend(parse({ REDIS_URL: 'redis://redis', QUEUE_BACKEND: 'postgres' }))).toBe('postgres');
});

describe.each(['redis', 'postgres'] as const)('on %s', (backend) => {
  test('a wake that is sent many times while it waits wakes once, leaves nothing behind, and can be sent again', async () => {
    const { settings, close } = await backendSettings(backend);
    const queue = new Queue(QUEUE, queueConnection(settings));
    await queue.waitUntilReady();
    await wake(queue);
    await Promise.all([wake(queue), wake(queue)]);

    let woken = 0;
    const worker = new Worker(QUEUE, async () => void (woken += 1), queueConnection(settings, 'worker'));
    await eventually(() => woken === 1);
    await eventually(async () => (await waiting(queue)) === 0);
    await wake(queue);
    await eventually(() => woken === 2);
    await eventually(async () => (await waiting(queue)) === 0);
    await worker.close();

    expect(woken).toBe(2);
    await queue.close();
    await close();
  });
});

test('sending fails in time when the queue was never reachable', async () => {
  const queue = new Queue(QUEUE, queueConnection(parse({ REDIS_URL: 'redis://127.0.0.1:1' })));
  queue.on('error', () => undefined);

  await expect(wake(queue, 200)).rejects.toThrow(/200 ms/);

  await queue.close();
});

describe('checkEvictionPolicy', () => {
  test('rejects a Redis that drops keys, unless that is allowed', async () => {
    const { url } = await testRedis();
    const redis = new Redis(url);
    await checkEvictionPolicy(parse({ REDIS_URL: url }));
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      await expect(checkEvictionPolicy(parse({ REDIS_URL: url }))).rejects.toThrow(/allkeys-lru.*noeviction/);
      await checkEvictionPolicy(parse({ REDIS_URL: url, REDIS_ALLOW_EVICTION: true }));
    } finally {
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      redis.disconnect();
    }
  });

  test('lets a process start while Redis is away', async () => {
    await expect(checkEvictionPolicy(parse({ REDIS_URL: 'redis://127.0.0.1:1' }))).resolves.toBeUndefined();
  });
});

async function waiting(queue: Queue): Promise<number> {
  return Object.values(await queue.getJobCounts()).reduce((sum, count) => sum + count, 0);
}

function parse(env: Record<string, unknown>): QueueSettings & DatabaseSettings {
  return z.object({ ...databaseSettings, ...queueSettings }).parse(env);
}

async function backendSettings(backend: 'redis' | 'postgres') {
  if (backend === 'redis') return { settings: parse((await testRedis()).settings), close: async () => undefined };
  const database = await testDatabase();
  const dataSource = await connect(database.settings);
  await migrate(dataSource, 'postgres');
  await dataSource.destroy();
  return { settings: parse(database.settings), close: database.drop };
}
