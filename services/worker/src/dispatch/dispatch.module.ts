import { BullModule } from '@nestjs/bullmq';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { checkEvictionPolicy, queueConnection } from '@tintype/jobs';
import { ProcessingModule } from '../processing/processing.module.js';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { DuePoll } from './due-poll.js';
import { LeaseSweeper } from './lease-sweeper.js';
import { Slots } from './slots.js';
import { wakeQueueProvider } from './wake-queue.js';
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
  exports: [DuePoll],
})
export class DispatchModule implements OnModuleInit {
  constructor(@Inject(SETTINGS) private readonly settings: WorkerSettings) {}

  async onModuleInit(): Promise<void> {
    await checkEvictionPolicy(this.settings);
  }
}
