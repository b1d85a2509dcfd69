/** What jobs can do to those who work on them. */
import { onSite, type ScenarioOptions } from '../scenario.js';
import { endlessRecipe, poisonRecipe, quickRecipes } from '../site/recipes.js';
import type { Report } from '../violation.js';

/** What a job can do to its process, and the code with which it fails then. */
const mischiefs = {
  segfault: 'worker_crashed',
  swell: 'memory_limit_exceeded',
  spin: 'processing_timeout',
  exit: 'worker_crashed',
} as const;
type Mischief = keyof typeof mischiefs;

/** F14: a few jobs kill their process, each in its own way, among many that harm nobody. */
export async function poisoned({
  innocents,
  mischiefs: names = Object.keys(mischiefs) as Mischief[],
  ...options
}: ScenarioOptions & { readonly innocents: number; readonly mischiefs?: readonly Mischief[] }): Promise<Report> {
  const limits = { JOB_TIMEOUT_SECONDS: '4', CHILD_MEMORY_MB: '300' };
  return onSite({ ...options, mischief: true, workerEnv: { ...limits, ...options.workerEnv } }, async (site) => {
    const { client } = site;
    const recipes = await quickRecipes();
    for (const name of names) {
      await client.submitAll(recipes, innocents / names.length);
      await client.submit(await poisonRecipe(name, mischiefs[name]));
    }
    await site.untilEnded(options.finalWithinMs);
    const harmless = [...client.accepted.values()].filter(({ recipe }) => 'sha256' in recipe.expected).map(({ id }) => id);
    const blamed = await site.value<number>(
      'select count(*)::int from job where id = any($1) and (attempt > 1 or crash_count > 0)',
      [harmless],
    );
    site.check(blamed === 0, 'F14', `${blamed} harmless jobs were blamed for a crash`);
  });
}

/** F15: jobs that would take minutes. */
export async function endless({ jobs, ...options }: ScenarioOptions & { readonly jobs: number }): Promise<Report> {
  const seconds = 3;
  return onSite({ ...options, workerEnv: { JOB_TIMEOUT_SECONDS: String(seconds), ...options.workerEnv } }, async (site) => {
    // A few at a time: a job that waits for the successor of a process that was killed takes longer.
    for (let rest = jobs; rest > 0; rest -= 2) {
      await site.client.submitAll([await endlessRecipe()], Math.min(rest, 2));
      await site.untilEnded(options.finalWithinMs);
    }
    const took = await site.value<number>('select max(extract(epoch from finished_at - started_at))::float8 from job');
    // Reading the source, and writing down how it ended, are beyond the limit.
    site.check(took < 2 * seconds, 'F15', `a job was ended after ${took} s`);
    site.facts['ended after, s'] = Math.round(took * 10) / 10;
    const again = await site.value<number>('select count(*)::int from job where attempt > 1');
    site.check(again === 0, 'F15', `${again} jobs were tried again`);
  });
}
