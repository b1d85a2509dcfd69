/** How the connection of a queue to Redis fares. */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Rejects when Redis does not answer; until it was reached for the first time it does not settle. Only where Redis is the queue. */
export async function pingRedis(queue: Queue): Promise<void> {
  // Unlike a look at a key it needs no right of its own. BullMQ declares only the commands that it uses itself.
  const client = (await queue.getBackend().client) as unknown as Pick<Redis, 'ping'>;
  await client.ping();
}

/** Calls `lost` each time that a connection which was there is gone, but not when it is closed on purpose. */
export function whenRedisIsLost(queue: Queue, lost: () => void): void {
  const backend = queue.getBackend();
  let connected = false;
  const ready = () => (connected = true);
  backend.on('ready', ready);
  backend.client.then(ready, () => undefined);
  // BullMQ tells of every attempt to connect again that fails, too.
  queue.on('ioredis:close', () => {
    if (connected) lost();
    connected = false;
  });
}
