/** F18: those who want to be told by webhook do not take it, for whatever reason. */
import { onSite, type ScenarioOptions } from '../scenario.js';
import { quickRecipes } from '../site/recipes.js';
import { Receiver } from '../site/receiver.js';
import type { Site } from '../site/site.js';
import type { Report } from '../violation.js';

const json = { 'content-type': 'application/json' };
/** Of one delivery, with its ten attempts: an endpoint that fails gets few requests at a time. */
const givenUpMs = 400;

export async function badReceivers({ jobs, ...options }: ScenarioOptions & { readonly jobs: number }): Promise<Report> {
  const other = await Receiver.start();
  const report = await onSite({ apis: 2, ...options, webhooks: true }, async (site) => {
    const { client, receiver, facts } = site;
    receiver?.spoil(site.random, 0.2, ['fails', 'stalls', 'redirects', 'resets']);
    // It speaks no TLS: whatever is sent there is given up.
    const endpoint = await site.subscribe(other.url.replace('http:', 'https:'), other.secret);
    const since = await site.value<Date>('select now() as at');
    await client.submitAll(await quickRecipes(), jobs);
    await site.untilEnded(options.finalWithinMs);
    await site.apis.oneThatWorks()?.stop('SIGKILL');

    const patienceMs = 60_000 + jobs * givenUpMs;
    const givenUp = `select count(*) = ${jobs} from webhook_delivery where endpoint_id = '${endpoint}' and status = 'failed'`;
    site.check(await site.until(givenUp, patienceMs), 'F18', 'what cannot be delivered is not given up');
    await site.apis.settled();
    await mend(site, endpoint, other.url);
    await redeliver(site, endpoint, since);
    const delivered = `select count(*) = ${jobs} from webhook_delivery where endpoint_id = '${endpoint}' and status = 'delivered'`;
    site.check(await site.until(delivered, patienceMs), 'F18', 'what was sent again is not delivered');
    const { told } = other;
    site.check(told.size === jobs, 'F18', `${told.size} of ${jobs} ends were told when they were sent again`);
    for (const [mood, times] of Object.entries(receiver?.requests ?? {})) facts[`receiver ${mood}`] = times;
    facts['sent again on demand'] = told.size;
  });
  await other.close();
  return report;
}

async function mend({ client }: Site, endpoint: string, url: string): Promise<void> {
  await client.request(`/v1/webhook-endpoints/${endpoint}`, { method: 'PATCH', headers: json, body: JSON.stringify({ url }) });
}

async function redeliver(site: Site, endpoint_id: string, since: Date): Promise<void> {
  const body = JSON.stringify({ since, endpoint_id, status: 'failed' });
  const answer = await site.client.request('/v1/webhook-deliveries/redeliver', { method: 'POST', headers: json, body });
  site.check(answer.status === 202, 'F18', `the redelivery was answered with ${answer.status} ${JSON.stringify(answer.body)}`);
}
