import { Injectable } from '@nestjs/common';
import { WebhookEndpoints } from '@tintype/jobs';
import { Outbound } from '@tintype/outbound';
import { validationFailed } from '../http/validation.js';
import type { JobWebhook } from './webhook-requests.js';

/** Whom clients may have told. */
@Injectable()
export class WebhookTargets {
  constructor(
    private readonly endpoints: WebhookEndpoints,
    private readonly outbound: Outbound,
  ) {}

  /**
   * The endpoint of a `webhook` that a job or batch names for itself, at this pointer; undefined where it names none. Throws 422
   * problems.
   */
  async named(webhook: JobWebhook | undefined, pointer = '/webhook'): Promise<string | undefined> {
    if (!webhook) return undefined;
    this.check(webhook.url, `${pointer}/url`);
    return this.endpoints.findOrCreate(webhook);
  }

  /**
   * Throws a 422 problem where the URL itself tells that its server must not be asked. What its name resolves to is known only when
   * it is asked.
   */
  check(url: string, pointer: string): void {
    const refusal = this.outbound.refusal(url);
    if (refusal) throw validationFailed([{ pointer, code: 'forbidden_address', detail: refusal.message }]);
  }
}
