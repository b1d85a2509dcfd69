/**
 * The queue as a worker writes to it. Not registered with BullModule: the processor would then read with the same connection
 * options, and a reader waits for Redis where a writer gives up.
 */
import type { FactoryProvider } from '@nestjs/common';
import { QUEUE, queueConnection } from '@tintype/jobs';
import { Queue } from 'bullmq';
import { SETTINGS, type WorkerSettings } from '../settings.js';

export const WAKE_QUEUE = Symbol('WAKE_QUEUE');

export const wakeQueueProvider: FactoryProvider<Queue> = {
  provide: WAKE_QUEUE,
  inject: [SETTINGS],
  useFactory: (settings: WorkerSettings) => {
    const queue = new Queue(QUEUE, queueConnection(settings, 'producer'));
    // Whatever it is, the reader meets it too, and reports it once.
    queue.on('error', () => undefined);
    return queue;
  },
};
