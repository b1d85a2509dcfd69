import { BullModule } from '@nestjs/bullmq';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { checkEvictionPolicy, queueBackend, queueConnection, whenRedisIsLost } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Queue } from 'bullmq';
import { ProcessingModule } from '../processing/processing.module.js';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { DuePoll } from './due-poll.js';
import { LeaseSweeper } from './lease-sweeper.js';
import { Slots } from './slots.js';
import { WAKE_QUEUE, wakeQueueProvider } from './wake-queue.js';
import { WakesProcessor } from './wakes.processor.js';

@Module({
  imports: [
    ProcessingModule,
    BullModule.forRootAsync({
      inject: [SETTINGS],
      useFactory: (settings: WorkerSettings) => queueConnection(settings, 'worker'),
    }),
    // No queue by name: the processor takes its connection from above. But this is what starts processors.
    BullModule.registerQueue(),
  ],
  providers: [wakeQueueProvider, Slots, WakesProcessor, DuePoll, LeaseSweeper],
  exports: [DuePoll, WAKE_QUEUE],
})
export class DispatchModule implements OnModuleInit {
  constructor(
    @Inject(SETTINGS) private readonly settings: WorkerSettings,
    @Inject(WAKE_QUEUE) private readonly queue: Queue,
    @InjectMetric(metrics.redisReconnects.name) private readonly reconnects: CounterOf<typeof metrics.redisReconnects>,
  ) {}

  async onModuleInit(): Promise<void> {
    if (queueBackend(this.settings) === 'redis') whenRedisIsLost(this.queue, () => this.reconnects.inc());
    await checkEvictionPolicy(this.settings);
  }
}
