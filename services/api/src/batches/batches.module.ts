import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { PresetsModule } from '../presets/presets.module.js';
import { UploadsModule } from '../uploads/uploads.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { BatchCreation } from './batch-creation.js';
import { BatchesController } from './batches.controller.js';

@Module({
  imports: [JobsModule, UploadsModule, PresetsModule, WebhooksModule],
  controllers: [BatchesController],
  providers: [BatchCreation],
})
export class BatchesModule {}
