/** What can happen to PostgreSQL, which decides. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tintype/testing';
import pg from 'pg';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { quickRecipes, slowRecipe } from '../site/recipes.js';
import type { Site } from '../site/site.js';
import type { Report } from '../violation.js';

/** F7: PostgreSQL crashes again and again while many clients submit. */
export async function crashes({
  jobs,
  times,
  ...options
}: ScenarioOptions & { readonly jobs: number; readonly times: number }): Promise<Report> {
  return onSite({ apis: 2, webhooks: true, ...options }, async (site) => {
    const { client, postgres } = site;
    const submitting = client.submitAll(await quickRecipes(), jobs, { many: 16 });
    for (let crash = 1; crash <= times; crash++) {
      await eventually(() => client.accepted.size >= (jobs * crash) / (times + 1), { timeoutMs: 600_000 });
      await postgres.crash(crash % 2 ? 'SIGQUIT' : 'SIGKILL');
      await postgres.start();
    }
    await submitting;
    checkRefusals(site, 'F7');
    site.facts['crashes'] = times;
    site.facts['requests repeated'] = client.answers.length - client.accepted.size;
  });
}

/** F8: PostgreSQL is away while jobs are worked on. */
export async function away({
  jobs,
  seconds,
  ...options
}: ScenarioOptions & { readonly jobs: number; readonly seconds: number }): Promise<Report> {
  return onSite({ concurrency: 4, ...options, mischief: true }, async (site) => {
    const { client, apis, workers, postgres } = site;
    const recipe = await slowRecipe();
    await client.submitAll([recipe], jobs);
    await site.until(`select count(*) = 8 as yes from job where status = 'running'`);
    const running = await site.rows<{ id: string }>(`select id from job where status = 'running'`);

    await postgres.crash('SIGQUIT');
    const refused = client.submit(recipe, { patienceMs: seconds * 1_000 + 30_000 });
    await eventually(async () => (await client.request('/readyz')).status === 503, { timeoutMs: 5_000 }).catch(() =>
      site.check(false, 'F8', 'the API is ready although the database is away'),
    );
    site.check((await client.request('/livez')).status === 200, 'F8', 'the API is not alive');
    await sleep(seconds * 1_000);
    await postgres.start();
    await refused;
    // What a check has found is told for a second.
    await eventually(async () => (await client.request('/readyz')).status === 200, { timeoutMs: 3_000 }).catch(() =>
      site.check(false, 'F8', 'the API is not ready again'),
    );

    await site.untilEnded();
    site.check(apis.replaced + workers.replaced === 0, 'F8', 'services have ended');
    const again = await site.value<number>('select count(*)::int from job where id = any($1) and generation > 1', [
      running.map(({ id }) => id),
    ]);
    site.check(again === 0, 'F8', `${again} jobs that were running were done again`);
    checkRefusals(site, 'F8');
    site.facts['running when it went'] = running.length;
  });
}

/** F9: PostgreSQL is there, but has no connection left, or makes statements wait, or ends them. */
export async function trouble({
  jobs,
  lockSeconds,
  ...options
}: ScenarioOptions & { readonly jobs: number; readonly lockSeconds: number }): Promise<Report> {
  return onSite({ postgres: { max_connections: '40' }, ...options }, async (site) => {
    const recipes = await quickRecipes();
    const submitting = site.client.submitAll(recipes, jobs, { many: 4, everyMs: (lockSeconds * 4_000) / jobs });
    await withAllConnections(site, () => sleep(lockSeconds * 1_000));
    await sleep(500);
    await site.rows(abortSome);
    await sleep(lockSeconds * 1_000);
    await site.rows('drop trigger injected on job');
    await site.rows(`begin; lock table job in access exclusive mode; select pg_sleep(${lockSeconds}); commit`);
    await submitting;
    await site.untilEnded();
    const left = await site.value<number>(`select count(*)::int from pg_stat_activity where state like 'idle in transaction%'`);
    site.check(left === 0, 'F9', `${left} transactions are left open`);
    const open = await site.value<number>(`select count(*)::int from pg_stat_activity where application_name = 'tintype'`);
    site.check(open <= 3 * 10, 'F9', `${open} connections are open for three pools of ten`);
    checkRefusals(site, 'F9');
  });
}

/** As a deadlock, a time limit and a failover end statements: some of those that change a job, once in a while. */
const abortSome = `
  create function injected() returns trigger language plpgsql as $$
  begin
    if random() < 0.2 then
      raise exception 'injected' using errcode = (array['40P01', '57014', '40001'])[1 + floor(random() * 3)::int];
    end if;
    return new;
  end $$;
  create trigger injected before insert or update on job for each row execute function injected()`;

/** Takes every connection that can still be had. */
async function withAllConnections(site: Site, work: () => Promise<void>): Promise<void> {
  const clients: pg.Client[] = [];
  try {
    for (;;) {
      const client = new pg.Client({ connectionString: site.postgres.url });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
    }
  } catch (error) {
    if (!/too many clients/.test(String(error))) throw error;
    // Those of the services go too, so that they need new ones.
    await clients[0]?.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tintype'`);
    await work();
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** Whoever is refused is told so in order, and when to come again. */
export function checkRefusals(site: Site, fault: string, allowed: readonly number[] = []): void {
  const { client } = site;
  const failed = client.answers.filter(({ status }) => status >= 500 && ![503, ...allowed].includes(status)).length;
  site.check(
    failed === 0,
    fault,
    `${failed} requests were answered with an error that does not tell what is wrong: ${JSON.stringify(client.statuses())}`,
  );
  const silent = client.answers.filter(({ status, retryAfter }) => status === 503 && retryAfter === null).length;
  site.check(silent === 0, fault, `${silent} answers of 503 have no Retry-After`);
}
