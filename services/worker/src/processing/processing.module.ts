import { BullModule } from '@nestjs/bullmq';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { checkEvictionPolicy, queueConnection } from '@tintype/jobs';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { ActionCounter } from './action-counter.js';
import { AttemptMetrics } from './attempt-metrics.js';
import { JobRunner } from './job-runner.js';
import { JobsProcessor } from './jobs.processor.js';

@Module({
  imports: [
    BullModule.forRootAsync({
      inject: [SETTINGS],
      useFactory: (settings: WorkerSettings) => queueConnection(settings, 'worker'),
    }),
    // No queue by name: the processor takes its connection from above. But this is what starts processors.
    BullModule.registerQueue(),
  ],
  providers: [ActionCounter, AttemptMetrics, JobRunner, JobsProcessor],
  exports: [ActionCounter],
})
export class ProcessingModule implements OnModuleInit {
  constructor(@Inject(SETTINGS) private readonly settings: WorkerSettings) {}

  async onModuleInit(): Promise<void> {
    await checkEvictionPolicy(this.settings);
  }
}
