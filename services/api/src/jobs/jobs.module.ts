import { Module } from '@nestjs/common';
import { PresetsModule } from '../presets/presets.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { UploadsModule } from '../uploads/uploads.module.js';
import { BacklogGauges } from './backlog-gauges.js';
import { JobCreation } from './job-creation.js';
import { JobWatcher } from './job-watcher.js';
import { JobsController } from './jobs.controller.js';
import { WakeSender } from './wake-sender.js';

@Module({
  imports: [QueueModule, UploadsModule, PresetsModule],
  controllers: [JobsController],
  providers: [JobCreation, JobWatcher, WakeSender, BacklogGauges],
})
export class JobsModule {}
