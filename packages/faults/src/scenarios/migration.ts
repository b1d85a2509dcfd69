/** F24: the tables of the version before become ours while that version goes on serving, and then both serve. */
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseSettings, dataSourceOptions } from '@tintype/jobs';
import { loadSettings } from '@tintype/platform';
import { DataSource } from 'typeorm';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { withDataSource } from '../site/postgres-server.js';
import { quickRecipes, type Recipe } from '../site/recipes.js';
import type { Site } from '../site/site.js';
import { VersionBefore } from '../site/version-before.js';
import type { Report } from '../violation.js';

export async function migrated({ jobs, ...options }: ScenarioOptions & { readonly jobs: number }): Promise<Report> {
  const withoutHistory = new Set<string>();
  return onSite({ ...options, apis: 0, workers: 0, withoutHistory }, async (site) => {
    await backToVersionBefore(site);
    const before = new VersionBefore(site.postgres.url, site.store.storage);
    const recipes = await quickRecipes();
    const accept = async (recipe: Recipe): Promise<string> => {
      const id = (await before.accept(recipe)) ?? '';
      if (id) site.client.accepted.set(id, { id, recipe, key: id });
      return id;
    };

    // Jobs in every state.
    const [recipe, ...others] = recipes;
    if (!recipe) throw new Error('there are no recipes');
    for (const one of recipes) await accept(one);
    const [done, late, lost] = [await before.claim(), await before.claim(), await before.claim()];
    if (!done || !late || !lost) throw new Error('nothing could be claimed');
    await before.complete(done);
    await accept({ ...recipe, expected: { end: 'failed with processing_failed' } });
    const failing = await before.claim();
    if (failing) await before.fail(failing);
    await before.cancel(await accept({ ...recipe, expected: { end: 'canceled' } }));
    for (const one of others) await accept(one);
    for (const id of site.client.accepted.keys()) withoutHistory.add(id);
    // Its worker has died.
    await site.rows(`update job set lease_expires_at = now() + interval '3 seconds' where id = $1`, [lost.id]);

    const serving = new AbortController();
    const old = serve(before, serving.signal, async (number) => {
      const id = await accept(recipes[number % recipes.length] ?? recipe);
      if (id) withoutHistory.add(id);
    });
    await site.run('services/api/dist/migrate.js');
    await before.complete(late);
    await Promise.all([site.apis.start(1), site.workers.start(1)]);
    await site.client.submitAll(recipes, jobs, { everyMs: 20, more: { priority: 'interactive' } });
    serving.abort();
    await old;
    await before.close();
    await site.untilEnded();
    for (const error of before.errors) site.check(false, 'F24', `the version before met with ${error}`);
    const byBefore = `select count(*)::int from job where worker_id = 'version before' and status = 'completed'`;
    site.facts['completed by the version before'] = await site.value<number>(byBefore);
  });
}

/** The migrations but for the last one, on an empty database. */
async function backToVersionBefore(site: Site): Promise<void> {
  await withDataSource(site.postgres.adminUrl, async (dataSource) => {
    await dataSource.query('drop database tintype with (force)');
    await dataSource.query('create database tintype template template0');
  });
  const options = dataSourceOptions(loadSettings(databaseSettings, { DATABASE_URL: site.postgres.url }));
  const migrations = Object.values(options.migrations ?? []).slice(0, -1);
  const dataSource = await new DataSource({ ...options, migrations }).initialize();
  await dataSource.runMigrations();
  await dataSource.destroy();
}

/** Its API and its worker, for as long as they run. */
async function serve(before: VersionBefore, signal: AbortSignal, accept: (number: number) => Promise<void>): Promise<void> {
  for (let number = 0; !signal.aborted; number++) {
    await accept(number);
    const claimed = await before.claim();
    if (claimed) await before.complete(claimed);
    await sleep(20);
  }
}
