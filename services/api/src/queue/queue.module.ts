import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { QUEUE, queueConnection } from '@tintype/jobs';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

@Module({
  imports: [
    BullModule.forRootAsync({ inject: [API_SETTINGS], useFactory: (settings: ApiSettings) => queueConnection(settings) }),
    BullModule.registerQueue({ name: QUEUE }),
  ],
  exports: [BullModule],
})
export class QueueModule {}
