/** Prometheus in the cluster, through the API server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Cluster } from './cluster.js';
import { CommandFailure } from './command.js';
import { Complaint } from './complaint.js';
import { monitoring, tintype } from './releases.js';

export const prometheusService = { name: `${monitoring.name}-kube-prometheus-stack-prometheus`, port: 9090 };

const Targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        scrapePool: z.string(),
        health: z.string(),
        lastError: z.string(),
        scrapeUrl: z.string(),
        labels: z.object({ pod: z.string().optional() }),
      }),
    ),
  }),
});

export interface Target {
  /** The ServiceMonitor that found it, with its namespace. */
  readonly monitor: string;
  /** The pod; for what is none, the URL. */
  readonly what: string;
  readonly health: string;
  readonly error: string;
}

export function parseTargets(answer: string): Target[] {
  const { activeTargets } = Targets.parse(JSON.parse(answer)).data;
  return activeTargets.map(({ scrapePool, health, lastError, scrapeUrl, labels }) => ({
    // serviceMonitor/NAMESPACE/NAME/ENDPOINT
    monitor: scrapePool.split('/').slice(1, 3).join('/'),
    what: labels.pod ?? scrapeUrl,
    health,
    error: lastError,
  }));
}

export async function targets(cluster: Cluster, signal?: AbortSignal): Promise<Target[]> {
  const { name, port } = prometheusService;
  const path = `/api/v1/namespaces/${monitoring.namespace}/services/${name}:${port}/proxy/api/v1/targets?state=active`;
  return parseTargets(await cluster.kubectl(['get', '--raw', path], { signal }));
}

/** What keeps a pair of API and worker from being monitored; undefined when nothing does. */
export function missing(all: readonly Target[]): string | undefined {
  for (const component of ['api', 'worker']) {
    const monitor = `${tintype.namespace}/${tintype.name}-${component}`;
    const found = all.filter((target) => target.monitor === monitor);
    if (found.length === 0) return `Prometheus has no target of the ServiceMonitor ${monitor}`;
    const down = found.find(({ health }) => health !== 'up');
    if (down) return `the target ${down.what} is ${down.health}${down.error && `: ${down.error}`}`;
  }
  return undefined;
}

/** The operator takes some seconds to notice a ServiceMonitor, Prometheus up to an interval to scrape it. */
const timeoutMs = 120_000;

/** Resolves with the targets of API and worker when all of them are up. */
export async function untilTargetsAreUp(cluster: Cluster, signal: AbortSignal): Promise<Target[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const all = await targets(cluster, signal).catch((error: unknown) => {
      if (error instanceof CommandFailure) return error;
      throw error;
    });
    const lack = all instanceof CommandFailure ? all.message : missing(all);
    if (!lack && Array.isArray(all)) return all.filter(({ monitor }) => monitor.startsWith(`${tintype.namespace}/`));
    if (performance.now() > deadline) throw new Complaint(`After ${timeoutMs / 1000} s, ${lack}.`);
    await sleep(1_000, undefined, { signal });
  }
}
