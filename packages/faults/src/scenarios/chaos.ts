/** F1, and the chaos run of the documentation: everything at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { shortLeases } from '../changes/short-waits.js';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { execFile } from '../site/exec.js';
import { quickRecipes } from '../site/recipes.js';
import type { Service } from '../site/service.js';
import type { Site } from '../site/site.js';
import type { Report } from '../violation.js';

export interface ChaosOptions extends ScenarioOptions {
  readonly jobs: number;
  /** How long it goes on. All faults lie in this time, and so do the submissions. */
  readonly seconds: number;
  /** Between two kills of a worker. Default: 1 000. */
  readonly killEveryMs?: number;
  /** Of the workers. Default: as they ship. */
  readonly leaseSeconds?: number | undefined;
}

const shippedLeaseSeconds = 30;

export async function chaos({ jobs, seconds, killEveryMs = 1_000, leaseSeconds, ...options }: ChaosOptions): Promise<Report> {
  const changes = [...(leaseSeconds === undefined ? [] : shortLeases(leaseSeconds)), ...(options.changes ?? [])];
  return onSite({ apis: 2, workers: 3, webhooks: true, ...options, changes }, async (site) => {
    const recipes = await quickRecipes();
    const everyMs = (seconds * 900) / jobs;
    const { workers, apis, redis, postgres, facts } = site;
    const kills = { workers: 0, children: 0 };
    site.receiver?.spoil(site.random, 0.1, ['fails', 'resets']);
    const asleepMs = ((leaseSeconds ?? shippedLeaseSeconds) + 3) * 1_000;

    await Promise.all([
      site.client.submitAll(recipes, jobs, { everyMs }),
      repeatedly(seconds, killEveryMs, async () => {
        kills.workers += await kill(workers.oneThatWorks());
      }),
      repeatedly(seconds, killEveryMs * 3, async () => {
        kills.children += await killChild(site, workers.oneThatWorks());
      }),
      at(seconds * 0.15, () => redis.flush()),
      at(seconds * 0.3, () => asleep(workers.oneThatWorks(), asleepMs)),
      at(seconds * 0.4, async () => {
        await postgres.crash('SIGQUIT');
        await postgres.start();
      }),
      at(seconds * 0.5, () => kill(apis.oneThatWorks())),
      at(seconds * 0.55, async () => {
        await redis.kill();
        await sleep(3_000);
        await redis.start();
      }),
      at(seconds * 0.8, () => redis.flush().catch(() => undefined)),
      at(seconds * 0.85, () => kill(apis.oneThatWorks())),
    ]);
    await Promise.all([workers.settled(), apis.settled()]);
    facts['kill -9 of a worker'] = kills.workers;
    facts['kill -9 of an image process'] = kills.children;
    facts['kill -9 of an API'] = 2;
    facts['kill -9 of Redis, which forgets everything and is away for 3 s'] = 1;
    facts['FLUSHALL'] = 2;
    facts['crash of PostgreSQL'] = 1;
    facts['worker stopped for longer than its leases (SIGSTOP)'] = 1;
    facts['requests repeated'] = site.client.answers.length - site.client.accepted.size;
    facts['submit p50, ms'] = site.client.quantile(0.5);
    facts['submit p99, ms'] = site.client.quantile(0.99);
  });
}

async function kill(service: Service | undefined): Promise<number> {
  if (!service) return 0;
  await service.stop('SIGKILL');
  return 1;
}

/** One of the worker's image processes. */
async function killChild(site: Site, worker: Service | undefined): Promise<number> {
  if (!worker) return 0;
  const { stdout } = await execFile('pgrep', ['-P', String(worker.pid)]).catch(() => ({ stdout: '' }));
  const child = site.random.oneOf(stdout.split('\n').filter(Boolean));
  if (child === undefined) return 0;
  try {
    process.kill(Number(child), 'SIGKILL');
    return 1;
  } catch {
    return 0; // It was faster.
  }
}

async function asleep(service: Service | undefined, ms: number): Promise<void> {
  if (!service) return;
  service.freeze();
  await sleep(ms);
  service.thaw();
}

async function at(seconds: number, work: () => Promise<unknown>): Promise<void> {
  await sleep(seconds * 1_000);
  await work();
}

async function repeatedly(seconds: number, everyMs: number, work: () => Promise<void>): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  while (performance.now() + everyMs < end) {
    await sleep(everyMs);
    await work();
  }
}
