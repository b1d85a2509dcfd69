/** What can happen between the services and their stores. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tintype/testing';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { quickRecipes } from '../site/recipes.js';
import type { Report } from '../violation.js';
import { checkRefusals } from './postgres.js';

/** F9: connections break again and again, in the middle of statements and between a commit and its answer. */
export async function brokenConnections({
  jobs,
  times,
  ...options
}: ScenarioOptions & { readonly jobs: number; readonly times: number }): Promise<Report> {
  return onSite({ ...options, relayed: true, webhooks: true }, async (site) => {
    const { client, lines, random, facts } = site;
    const submitting = client.submitAll(await quickRecipes(), jobs, { everyMs: (times * 200) / jobs });
    for (let time = 0; time < times; time++) {
      await sleep(random.between(50, 350));
      lines.postgres.reset();
      lines.redis.reset();
    }
    await submitting;
    checkRefusals(site, 'F9');
    await site.untilEnded();
    site.check(site.apis.replaced + site.workers.replaced === 0, 'F9', 'services have ended');
    facts['requests repeated'] = client.answers.length - client.accepted.size;
    facts['times that connections broke'] = times;
  });
}

/** In which a dead line must be noticed. */
const noticedWithinMs = 30_000;

/** F22: a line to a store carries nothing any more, and nobody is told. */
export async function silentLines({
  jobs,
  redisSeconds,
  postgresSeconds,
  ...options
}: ScenarioOptions & {
  readonly jobs: number;
  readonly redisSeconds: number;
  readonly postgresSeconds: number;
}): Promise<Report> {
  return onSite({ ...options, relayed: true }, async (site) => {
    const { client, lines, facts } = site;
    const recipes = await quickRecipes();

    lines.redis.silence();
    await client.submitAll(recipes, jobs, { everyMs: (redisSeconds * 1_000) / jobs });
    site.check(
      client.answers.every(({ status }) => status === 202),
      'F22',
      `answers without Redis: ${JSON.stringify(client.statuses())}`,
    );
    site.check(client.quantile(0.99) < 1_000, 'F22', `p99 of the answers is ${client.quantile(0.99)} ms`);
    site.check(await site.untilEnded(15_000), 'F22', 'without Redis jobs do not begin');
    lines.redis.mend();

    lines.postgres.silence();
    const silentSince = performance.now();
    const submitting = client.submitAll(recipes, jobs, { patienceMs: postgresSeconds * 1_000 + 60_000 });
    await eventually(async () => (await client.request('/readyz')).status === 503, { timeoutMs: noticedWithinMs }).catch(() =>
      site.check(false, 'F22', 'the API is ready although the database does not answer'),
    );
    facts['not ready after, s'] = Math.round((performance.now() - silentSince) / 100) / 10;
    await sleep(postgresSeconds * 1_000 - (performance.now() - silentSince));
    lines.postgres.mend();
    await submitting;
    const slowest = Math.max(...client.answers.map(({ ms }) => ms));
    site.check(slowest < noticedWithinMs, 'F22', `a request was answered after ${Math.round(slowest / 1_000)} s`);
    facts['slowest answer, s'] = Math.round(slowest / 100) / 10;
    checkRefusals(site, 'F22');
    await site.untilEnded();
    site.check(site.apis.replaced + site.workers.replaced === 0, 'F22', 'services have ended');
  });
}
