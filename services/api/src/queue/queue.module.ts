import { BullModule, InjectQueue } from '@nestjs/bullmq';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { QUEUE, queueBackend, queueConnection, whenRedisIsLost } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Queue } from 'bullmq';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

@Module({
  imports: [
    BullModule.forRootAsync({ inject: [API_SETTINGS], useFactory: (settings: ApiSettings) => queueConnection(settings) }),
    BullModule.registerQueue({ name: QUEUE }),
  ],
  exports: [BullModule],
})
export class QueueModule implements OnModuleInit {
  constructor(
    @InjectQueue(QUEUE) private readonly queue: Queue,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
    @InjectMetric(metrics.redisReconnects.name) private readonly reconnects: CounterOf<typeof metrics.redisReconnects>,
  ) {}

  onModuleInit(): void {
    if (queueBackend(this.settings) === 'redis') whenRedisIsLost(this.queue, () => this.reconnects.inc());
  }
}
