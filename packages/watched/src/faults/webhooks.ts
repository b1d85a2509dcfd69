/** What can happen to webhooks. */
import { rm, writeFile } from 'node:fs/promises';
import { submit } from './jobs.js';
import { repeat } from './repeat.js';
import type { Scenario } from './scenario.js';

/** Its attempts are used up within seconds, so that both alerts come of it. */
export const endpointDead: Scenario = {
  faults: ['webhook-endpoint-dead', 'webhooks-given-up'],
  title: 'The endpoint answers every webhook with an error',
  alerts: [{ alert: 'TintypeWebhooksFailing' }, { alert: 'TintypeWebhooksGivenUp' }],
  async begin(watched) {
    const { receiver } = watched.site;
    if (!receiver) throw new Error('the site has nobody who takes webhooks');
    receiver.mood = () => 'fails';
    const stop = repeat(500, () => submit(watched, 1));
    return async () => {
      await stop();
      receiver.mood = () => 'takes';
    };
  },
};

export const senderHangs: Scenario = {
  faults: ['webhook-sender-hanging'],
  title: 'Nobody sends webhooks; they are ten minutes old',
  alerts: [{ alert: 'TintypeWebhooksLate' }],
  async begin(watched) {
    const { site, moodFiles } = watched;
    await writeFile(moodFiles.hangs, '');
    await submit(watched, 5);
    await site.untilEnded();
    await site.rows(`update webhook_delivery set next_at = now() - interval '10 minutes' where status = 'pending'`);
    return () => rm(moodFiles.hangs);
  },
};

export const endpointDisabled: Scenario = {
  faults: ['webhook-endpoint-disabled'],
  title: 'An endpoint has answered nothing for six days',
  alerts: [{ alert: 'TintypeWebhookEndpointDisabled' }],
  async begin(watched) {
    const { site } = watched;
    // Nobody listens there.
    const id = await site.subscribe('http://127.0.0.1:9/');
    const stop = repeat(300, async () => {
      await submit(watched, 1);
      await site.rows(
        `update webhook_endpoint set failing_since = now() - interval '6 days' where id = $1 and failing_since is not null`,
        [id],
      );
    });
    return async () => {
      await stop();
      await site.rows('delete from webhook_endpoint where id = $1', [id]);
    };
  },
};
