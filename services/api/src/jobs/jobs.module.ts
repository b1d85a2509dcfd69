import { Module } from '@nestjs/common';
import { Idempotency } from '../http/idempotency.js';
import { PresetsModule } from '../presets/presets.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { UploadsModule } from '../uploads/uploads.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { BacklogGauges } from './backlog-gauges.js';
import { BacklogLimit } from './backlog-limit.js';
import { JobCreation } from './job-creation.js';
import { JobWatcher } from './job-watcher.js';
import { JobsController } from './jobs.controller.js';
import { ObsoleteFiles } from './obsolete-files.js';
import { SourceUrls } from './source-urls.js';
import { WakeSender } from './wake-sender.js';

@Module({
  imports: [QueueModule, UploadsModule, PresetsModule, WebhooksModule],
  controllers: [JobsController],
  providers: [JobCreation, JobWatcher, WakeSender, BacklogGauges, BacklogLimit, Idempotency, ObsoleteFiles, SourceUrls],
  exports: [JobWatcher, WakeSender, BacklogLimit, Idempotency, ObsoleteFiles, SourceUrls],
})
export class JobsModule {}
