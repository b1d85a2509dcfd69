import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type DeliveryBacklog, WebhookEndpoints, WebhookOutbox } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import { CollectedGauges } from '@tintype/platform';

/** Tells Prometheus how much there is to deliver, which every replica reads from the database alike. */
@Injectable()
export class WebhookGauges implements OnModuleInit {
  private reading: Promise<DeliveryBacklog> | undefined;

  constructor(
    private readonly gauges: CollectedGauges,
    private readonly outbox: WebhookOutbox,
    private readonly endpoints: WebhookEndpoints,
  ) {}

  onModuleInit(): void {
    this.gauges.collect(metrics.webhookDeliveriesPending, async () => [{ labels: {}, value: (await this.backlog()).pending }]);
    this.gauges.collect(metrics.oldestPendingWebhookAge, async () => [
      { labels: {}, value: (await this.backlog()).oldestSeconds },
    ]);
    this.gauges.collect(metrics.webhookEndpoints, async () => {
      const { enabled, disabled } = await this.endpoints.count();
      return [
        { labels: { state: 'enabled' }, value: enabled },
        { labels: { state: 'disabled' }, value: disabled },
      ];
    });
  }

  /** One query for both gauges of deliveries, which a scrape reads at the same time. */
  private backlog(): Promise<DeliveryBacklog> {
    this.reading ??= this.outbox.backlog().finally(() => (this.reading = undefined));
    return this.reading;
  }
}
