import { eventually, testRedis } from '@tintype/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { databaseSettings } from './database-settings.js';
import { QUEUE, queueConnection, queueSettings } from './queue.js';
import { pingRedis, whenRedisIsLost } from './redis-connection.js';

test('a lost connection is told of once, and not one that is closed', async () => {
  const redis = await testRedis();
  const settings = z.object({ ...queueSettings, ...databaseSettings }).parse(redis.settings);
  const queue = new Queue(QUEUE, queueConnection(settings));
  queue.on('error', () => undefined);
  let lost = 0;
  whenRedisIsLost(queue, () => (lost += 1));
  await pingRedis(queue);

  const operator = new Redis(redis.url);
  const client = (await queue.getBackend().client) as unknown as Redis;
  await operator.client('KILL', 'ID', await client.client('ID'));
  operator.disconnect();

  await eventually(() => lost > 0);
  await eventually(() => pingRedis(queue).then(() => true));
  expect(lost).toBe(1);
  await queue.close();
  expect(lost).toBe(1);
  await expect(pingRedis(queue)).rejects.toThrow('Connection is closed');
});
