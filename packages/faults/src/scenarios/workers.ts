/** What can happen to workers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tintype/testing';
import { shortLeases } from '../changes/short-waits.js';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { slowRecipe } from '../site/recipes.js';
import type { Report } from '../violation.js';

/** The smallest part of F1: a worker is killed in the middle of its jobs. */
export async function killed({ jobs, ...options }: ScenarioOptions & { readonly jobs: number }): Promise<Report> {
  const changes = [...shortLeases(3), ...(options.changes ?? [])];
  return onSite({ ...options, mischief: true, workers: 2, changes }, async (site) => {
    await site.client.submitAll([await slowRecipe()], jobs);
    await site.until(`select count(*) = ${jobs} from job where status = 'running'`);
    for (const worker of site.workers.services) await worker.stop('SIGKILL');
    await site.workers.settled();
    await site.untilEnded(options.finalWithinMs);
  });
}

/** F2: a worker sleeps through its leases, another takes its jobs over, and then it wakes with results of its own. */
export async function zombie({ jobs = 2, ...options }: ScenarioOptions & { readonly jobs?: number } = {}): Promise<Report> {
  const leases = shortLeases(3);
  return onSite(
    { ...options, mischief: true, workers: 1, concurrency: jobs, changes: [...leases, ...(options.changes ?? [])] },
    async (site) => {
      const [sleeper] = site.workers.services;
      if (!sleeper) throw new Error('there is no worker');
      const recipe = await slowRecipe();
      await site.client.submitAll([recipe], jobs);
      const allRunning = (generation: number): string =>
        `select count(*) = ${jobs} from job where status = 'running' and generation = ${generation}`;
      await site.until(allRunning(1));
      sleeper.freeze();
      await site.workers.start(1);
      await site.until(allRunning(2));
      sleeper.thaw();
      await site.untilEnded(options.finalWithinMs);
      await eventually(async () => (await sleeper.metric('worker_writes_fenced_total')) === jobs, { timeoutMs: 5_000 }).catch(
        () => undefined,
      );
      const fenced = await sleeper.metric('worker_writes_fenced_total');
      site.check(fenced === jobs, 'F2', `${fenced} of ${jobs} late results were refused`);
      site.facts['late results refused'] = fenced;
    },
  );
}

/** F16: workers are replaced one after the other while they have jobs that take longer than they are given. */
export async function rollingRestart({
  jobs,
  restarts,
  ...options
}: ScenarioOptions & { readonly jobs: number; readonly restarts: number }): Promise<Report> {
  return onSite(
    { workers: 3, concurrency: 4, ...options, mischief: true, workerEnv: { DRAIN_SECONDS: '1', ...options.workerEnv } },
    async (site) => {
      await site.client.submitAll([await slowRecipe()], jobs);
      for (let restart = 0; restart < restarts; restart++) {
        // With the second that a stopping worker waits, less than a job takes.
        await sleep(800);
        void site.workers.oneThatWorks()?.stop('SIGTERM');
      }
      await site.untilEnded(options.finalWithinMs ?? jobs * 1_000 + 60_000);
      await site.workers.settled();
      const rows = await site.rows<{ id: string; attempt: number; crash_count: number }>(
        'select id, attempt, crash_count from job',
      );
      for (const { id, attempt, crash_count } of rows) {
        site.check(
          attempt === 1 && crash_count === 0,
          'F16',
          `job ${id} has used up ${attempt} attempts and ${crash_count} crashes`,
        );
      }
      const expired = site.workers.logged('lease expired').length;
      site.check(expired === 0, 'F16', `${expired} leases expired`);
      site.facts['restarts'] = site.workers.replaced;
      const handedBack = site.workers.logged('attempt ended').filter(({ outcome }) => outcome === 'released').length;
      site.check(handedBack > 0, 'F16', 'no job was handed back, so nothing was tried');
      site.facts['handed back'] = handedBack;
    },
  );
}
