/** What can happen to Redis, which only wakes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tintype/testing';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { quickRecipes } from '../site/recipes.js';
import type { Site } from '../site/site.js';
import type { Report } from '../violation.js';

interface Jobs extends ScenarioOptions {
  readonly jobs: number;
}

/** F3: Redis forgets everything while jobs wait, and again while they are worked on. */
export async function flushed({ jobs, ...options }: Jobs): Promise<Report> {
  return onSite({ ...options, workers: 0 }, async (site) => {
    await site.client.submitAll(await quickRecipes(), jobs);
    await rung(site);
    await site.redis.flush();
    const began = performance.now();
    await site.workers.start(3);
    await site.redis.flush();
    await site.until('select count(*) > 0 as yes from job where started_at is not null', 2_000);
    site.facts['first begun after the start of the workers, s'] = Math.round((performance.now() - began) / 100) / 10;
    await site.untilEnded(options.finalWithinMs);
    const twice = await site.value<number>('select count(*)::int from job where generation > 1');
    site.check(twice === 0, 'F3', `${twice} jobs were begun more than once`);
  });
}

/** F4: Redis is away while jobs are submitted. */
export async function away({ jobs, seconds, ...options }: Jobs & { readonly seconds: number }): Promise<Report> {
  return onSite(options, async (site) => {
    await site.redis.kill();
    await site.client.submitAll(await quickRecipes(), jobs, { everyMs: (seconds * 900) / jobs });
    checkAllAccepted(site, 'F4');
    site.check(site.client.quantile(0.99) < 1_000, 'F4', `p99 of the answers is ${site.client.quantile(0.99)} ms`);
    // A process that starts meanwhile does without it, too.
    const [api] = site.apis.services;
    await api?.stop('SIGKILL');
    await site.apis.settled();
    await site.client.submitAll(await quickRecipes(), 3);
    const waiting = await site.value<number>(`select count(*)::int from job where status = 'queued'`);
    await site.redis.start();
    site.check(await site.untilEnded(15_000), 'F4', 'jobs are left 15 s after Redis came back');
    site.facts['waiting when Redis came back'] = waiting;
    site.facts['submit p99, ms'] = site.client.quantile(0.99);
  });
}

/** F5: Redis has no memory left, and refuses every write. */
export async function outOfMemory({ jobs, ...options }: Jobs): Promise<Report> {
  return onSite(options, async (site) => {
    const recipes = await quickRecipes();
    await site.redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await site.client.submitAll(recipes, jobs);
    checkAllAccepted(site, 'F5');
    site.check(
      site.apis.logged('queue not reachable, the workers find the jobs by themselves').length > 0,
      'F5',
      'nothing was refused',
    );
    await site.untilEnded();
    await site.redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await site.client.submitAll(recipes, 1);
    await sleep(100);
    site.check(site.apis.logged('queue works again').length > 0, 'F5', 'the API does not wake the workers again');
  });
}

/** F6: Redis may drop keys when its memory is full. */
export async function evicting(options: ScenarioOptions): Promise<Report> {
  return onSite({ ...options, workers: 0, redis: ['--maxmemory-policy', 'allkeys-lru'] }, async (site) => {
    const began = performance.now();
    const said = await site.workers.start(1).then(
      () => 'nothing',
      (error: Error) => error.message,
    );
    site.check(/maxmemory-policy allkeys-lru/.test(said) && /REDIS_ALLOW_EVICTION/.test(said), 'F6', `the worker says ${said}`);
    site.facts['refused after, s'] = Math.round((performance.now() - began) / 100) / 10;
    await site.workers.start(1, { REDIS_ALLOW_EVICTION: 'true' });
    await site.client.submitAll(await quickRecipes(), 3);
    await site.untilEnded();
    // Where the operator of Redis has forbidden to read its configuration.
    await site.redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await site.redis.command('ACL', 'SETUSER', 'default', '-config');
    await site.workers.start(1);
    await site.client.submitAll(await quickRecipes(), 3);
  });
}

/** The API rings soon after its answer: all that it has to say is in Redis now. */
async function rung({ redis }: Site): Promise<void> {
  await eventually(async () => Number(await redis.command('LLEN', 'bull:jobs:wait')) === 1);
  await sleep(200);
}

function checkAllAccepted(site: Site, fault: string): void {
  const { client } = site;
  const others = client.answers.filter(({ status }) => status !== 202);
  site.check(others.length === 0, fault, `answers: ${JSON.stringify(client.statuses())}`);
}
