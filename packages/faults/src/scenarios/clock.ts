/** F19: the clocks of two workers are wrong, in either direction, and so is that of an API. */
import { onSite, type ScenarioOptions } from '../scenario.js';
import { poisonRecipe, quickRecipes } from '../site/recipes.js';
import type { Report } from '../violation.js';

const preload = new URL('../changes/skewed-clock.js', import.meta.url).href;

function skewedBy(minutes: number): Record<string, string> {
  return { NODE_OPTIONS: `--import=${preload}`, CLOCK_SKEW_MS: String(minutes * 60_000) };
}

export async function skewed({ jobs, ...options }: ScenarioOptions & { readonly jobs: number }): Promise<Report> {
  return onSite({ ...options, mischief: true, webhooks: true }, async (site) => {
    const { client, workers, apis } = site;
    await Promise.all([workers.start(1, skewedBy(5)), workers.start(1, skewedBy(-5)), apis.start(1, skewedBy(4))]);
    const submitting = client.submitAll(await quickRecipes(), jobs);
    // Crashes, and has to wait before it is tried again.
    const waiting = await client.submit(await poisonRecipe('segfault', 'worker_crashed'));
    await submitting;
    await site.untilEnded();
    const again = await site.value<number>(`select count(*)::int from job where generation > 1 and id <> $1`, [waiting?.id]);
    site.check(again === 0, 'F19', `${again} jobs were taken from a worker that held them`);
    const early = await site.value<boolean>(
      `select exists (
         select from job_event begun join job_event waits on waits.job_id = begun.job_id and waits.version = begun.version - 1
         where begun.status = 'running' and waits.status = 'queued' and begun.at < waits.at + interval '450 milliseconds')`,
    );
    site.check(!early, 'F19', 'a job was tried again before its time');
    const workersOfJobs = await site.value<number>('select count(distinct worker_id)::int from job');
    site.facts['workers that had jobs'] = workersOfJobs;
  });
}
