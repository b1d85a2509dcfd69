import { Module } from '@nestjs/common';
import { Outbound } from '@tintype/outbound';
import { API_SETTINGS, type ApiSettings } from '../settings.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookGauges } from './webhook-gauges.js';
import { WebhookSender } from './webhook-sender.js';
import { WebhookTargets } from './webhook-targets.js';

@Module({
  controllers: [WebhookEndpointsController, WebhookDeliveriesController],
  providers: [
    {
      provide: Outbound,
      inject: [API_SETTINGS],
      useFactory: (settings: ApiSettings) => new Outbound({ allow: settings.OUTBOUND_ALLOW }),
    },
    WebhookTargets,
    WebhookSender,
    WebhookGauges,
  ],
  exports: [Outbound, WebhookTargets],
})
export class WebhooksModule {}
