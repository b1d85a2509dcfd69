/**
 * The queue as the dispatcher writes to it. Not registered with BullModule: the processor would then read with the same
 * connection options, and a reader waits for Redis where a writer gives up.
 */
import type { FactoryProvider } from '@nestjs/common';
import { QUEUE, queueConnection, type Wake } from '@tintype/jobs';
import { Queue } from 'bullmq';
import { SETTINGS, type WorkerSettings } from '../settings.js';

export const WAKE_QUEUE = Symbol('WAKE_QUEUE');

export const wakeQueueProvider: FactoryProvider<Queue<Wake>> = {
  provide: WAKE_QUEUE,
  inject: [SETTINGS],
  useFactory: (settings: WorkerSettings) => {
    const queue = new Queue<Wake>(QUEUE, queueConnection(settings, 'producer'));
    // Whatever it is, the next round of the dispatcher meets it, and reports it once.
    queue.on('error', () => undefined);
    return queue;
  },
};
