import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type ClaimedDelivery, type RecordedAttempt, WebhookOutbox } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import { Outbound } from '@tintype/outbound';
import { type CounterOf, type HistogramOf, Loop } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { API_SETTINGS, type ApiSettings } from '../settings.js';
import { inDeliverySpan } from './delivery-span.js';
import { attemptWebhook, type WebhookAttemptResult } from './webhook-attempt.js';

/** Requests under way. They cost nearly nothing while they wait; it takes many slow endpoints to keep all of them busy. */
const concurrency = 256;
const everyMs = 500;
/** Between two looks while requests are under way, each end of which is a reason to look. */
const breathMs = 20;
/** Beside the time of a request: from the claim to its beginning, and from its end to the record of it. */
const marginSeconds = 45;
/** For requests that are under way when the process stops. */
const endMs = 3_000;

/** Sends what is due. It may run in every process, as they leave each other's deliveries alone. */
@Injectable()
export class WebhookSender implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(WebhookSender.name);
  private readonly loop = new Loop({ name: 'webhook sender', everyMs, round: () => this.look(), logger: this.logger });
  private readonly sending = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly timeoutMs: number;

  constructor(
    private readonly outbox: WebhookOutbox,
    private readonly outbound: Outbound,
    @Inject(API_SETTINGS) settings: ApiSettings,
    @InjectMetric(metrics.webhookAttempts.name) private readonly attempts: CounterOf<typeof metrics.webhookAttempts>,
    @InjectMetric(metrics.webhookAttemptDuration.name)
    private readonly duration: HistogramOf<typeof metrics.webhookAttemptDuration>,
    @InjectMetric(metrics.webhookDeliveriesFailed.name)
    private readonly failed: CounterOf<typeof metrics.webhookDeliveriesFailed>,
    @InjectMetric(metrics.webhookEndpointsDisabled.name)
    private readonly disabled: CounterOf<typeof metrics.webhookEndpointsDisabled>,
  ) {
    this.timeoutMs = settings.WEBHOOK_TIMEOUT_SECONDS * 1000;
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** Requests that do not end in time are made again by another process when their locks run out. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    await Promise.race([Promise.all(this.sending), sleep(endMs, undefined, { ref: false })]);
    this.stopping.abort();
    await Promise.all(this.sending);
    await this.outbound.close();
  }

  private async look(): Promise<boolean> {
    if (this.sending.size > 0) await sleep(breathMs);
    const free = concurrency - this.sending.size;
    if (free === 0) return false;
    const { claimed, ended } = await this.outbox.claim(free, this.timeoutMs / 1000 + marginSeconds);
    this.failed.inc({ reason: 'disabled' }, ended);
    for (const delivery of claimed) this.begin(delivery);
    return claimed.length + ended > 0;
  }

  private begin(delivery: ClaimedDelivery): void {
    const sent = this.send(delivery).finally(() => {
      this.sending.delete(sent);
      // There may be more for its endpoint.
      this.loop.wake();
    });
    this.sending.add(sent);
  }

  private async send(delivery: ClaimedDelivery): Promise<void> {
    const { id, endpointId: endpoint_id, type } = delivery;
    try {
      const { outbound, timeoutMs } = this;
      const result = await inDeliverySpan(delivery, async () => {
        const attempted = await attemptWebhook(delivery, { outbound, timeoutMs, signal: this.stopping.signal });
        this.count(attempted);
        return attempted;
      });
      this.tell(delivery, result, await this.outbox.record(delivery, result));
    } catch (err) {
      // It will be sent again when its lock has run out.
      if (!this.stopping.signal.aborted) this.logger.error('webhook sent in vain', { webhook_id: id, endpoint_id, type, err });
    }
  }

  private count({ outcome, refused, durationMs }: WebhookAttemptResult): void {
    this.attempts.inc({ outcome: refused ? 'refused' : outcome });
    this.duration.observe(durationMs / 1000);
  }

  private tell(
    { id, endpointId: endpoint_id, type }: ClaimedDelivery,
    { outcome, statusCode: status_code, error }: WebhookAttemptResult,
    recorded: RecordedAttempt | undefined,
  ): void {
    const facts = { webhook_id: id, endpoint_id, type, status_code, error };
    if (outcome !== 'delivered') this.logger.debug('webhook not delivered', facts);
    if (recorded?.status === 'failed') this.logger.warn('webhook given up', facts);
    if (recorded?.disabled) this.logger.warn('webhook endpoint disabled', { ...facts, reason: recorded.disabled });
    if (recorded?.disabled) this.disabled.inc({ reason: recorded.disabled });
    this.failed.inc({ reason: 'disabled' }, recorded?.ended ?? 0);
    if (recorded?.status === 'failed') this.failed.inc({ reason: recorded.disabled ? 'disabled' : 'attempts' });
  }
}
