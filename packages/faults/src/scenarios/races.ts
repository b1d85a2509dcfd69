/** F20: a client cancels a job at the moment at which a worker claims or completes it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { quickRecipes } from '../site/recipes.js';
import type { Report } from '../violation.js';

/** What an answer to a cancellation says of the end of the job. */
const endAfter: Readonly<Record<number, string>> = { 200: 'canceled', 202: 'canceled', 409: 'completed' };

export async function canceled({ jobs, ...options }: ScenarioOptions & { readonly jobs: number }): Promise<Report> {
  return onSite({ workers: 3, ...options, cancelable: true }, async (site) => {
    const { client, facts } = site;
    const recipes = await quickRecipes();
    const answers = new Map<string, number>();
    const submitAndCancel = async (): Promise<void> => {
      while (answers.size < jobs) {
        const recipe = site.random.oneOf(recipes);
        const accepted = recipe && (await client.submit(recipe));
        if (!accepted) continue;
        await sleep(site.random.between(0, 60));
        answers.set(accepted.id, (await client.request(`/v1/jobs/${accepted.id}/cancel`, { method: 'POST' })).status);
      }
    };
    await Promise.all(Array.from({ length: 6 }, submitAndCancel));
    await site.untilEnded();
    const rows = await site.rows<{ id: string; status: string; kept: number }>(
      'select id, status, (select count(storage_key)::int from output where job_id = job.id) as kept from job',
    );
    for (const { id, status, kept } of rows) {
      const answer = answers.get(id) ?? 0;
      site.check(status === endAfter[answer], 'F20', `job ${id} is ${status}, but its cancellation was answered with ${answer}`);
      site.check(status !== 'canceled' || kept === 0, 'F20', `job ${id} is canceled and has ${kept} results`);
    }
    for (const answer of [200, 202, 409])
      facts[`answered ${answer}`] = [...answers.values()].filter((one) => one === answer).length;
  });
}
