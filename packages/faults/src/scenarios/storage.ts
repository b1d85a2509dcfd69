/** What can happen to the storage. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tintype/testing';
import { fair } from '../changes/weather.js';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { quickRecipes } from '../site/recipes.js';
import type { Report } from '../violation.js';
import { checkRefusals } from './postgres.js';

/** F12: the storage is away, then fails now and then, then is slow; on S3 its answers break off, too. */
export async function badDays({
  jobs,
  seconds,
  ...options
}: ScenarioOptions & { readonly jobs: number; /** Of each. */ readonly seconds: number }): Promise<Report> {
  return onSite({ storage: 'unsteady', ...options }, async (site) => {
    const recipes = await quickRecipes();
    const submit = (count: number): Promise<void> =>
      site.client.submitAll(recipes, count, { everyMs: (seconds * 1_000) / count, patienceMs: 120_000 });
    const days = [
      { name: 'away', weather: { ...fair, failing: 1 } },
      { name: 'unsteady', weather: { ...fair, failing: 0.2, breakingOff: 0.2 } },
      { name: 'slow', weather: { ...fair, delayMs: 300 } },
    ];
    await submit(jobs / 4);
    for (const { name, weather } of days) {
      await site.store.setWeather(weather);
      const submitting = submit(jobs / 4);
      await sleep(seconds * 1_000);
      site.facts[`waiting when ${name} ended`] = await site.value<number>(
        'select count(*)::int from job where finished_at is null',
      );
      await site.store.setWeather(fair);
      await submitting;
    }
    await site.untilEnded();
    checkRefusals(site, 'F12', [507]);
    const attempts = await site.value<number>('select max(attempt)::int from job');
    site.check(attempts <= 2, 'F12', `a job has used up ${attempts} attempts`);
    const postponed = site.workers.logged('attempt ended').filter(({ outcome }) => outcome === 'postponed').length;
    site.facts['attempts put off'] = postponed;
  });
}

/** F13: the disk of the storage is full while images come and outputs go there. */
export async function fullDisk({ jobs, ...options }: ScenarioOptions & { readonly jobs: number }): Promise<Report> {
  return onSite({ ...options, storage: 'small' }, async (site) => {
    const { client } = site;
    const recipes = await quickRecipes();
    await client.submitAll(recipes, 3);
    await site.untilEnded();
    await site.store.disk.fill(site.apis);
    const submitting = client.submitAll(recipes, jobs, { many: 4, patienceMs: 120_000 });
    const refused = (): number => client.answers.filter(({ status }) => status === 507 || status === 503).length;
    await eventually(() => refused() >= jobs).catch(() => undefined);
    await site.store.disk.free(site.apis);
    await submitting;
    await site.untilEnded(options.finalWithinMs);
    site.check(refused() > 0, 'F13', `the disk was not full: ${JSON.stringify(client.statuses())}`);
    checkRefusals(site, 'F13', [507]);
    site.facts['requests refused'] = refused();
  });
}
