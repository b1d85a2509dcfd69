import { totalmem } from 'node:os';
import { containerCpus } from './container-cpus.js';

/** Kept for the parent process: Node, its connections, and room for one image more than planned. */
const parentMb = 200;
/** What an ordinary image needs in a child, the child itself included; large AVIF and progressive JPEG need more. */
const childMb = 400;
/** Enough for every image within the default limits; more would only let a blow-up grow longer. */
const largestChildMb = 1024;

/** What the machine or the container gives. */
export interface Resources {
  readonly cpus: number;
  readonly memoryMb: number;
}

/** How many jobs run at the same time, how much memory each may take, and what decided that. */
export interface Capacity {
  readonly concurrency: number;
  readonly childMemoryMb: number;
  readonly concurrencyFrom: 'WORKER_CONCURRENCY' | 'cpus' | 'memory';
  readonly childMemoryFrom: 'CHILD_MEMORY_MB' | 'memory' | 'default';
}

/** Injects the {@link Capacity}. */
export const CAPACITY = Symbol('CAPACITY');

export function containerResources(): Resources {
  // Where nothing limits, the kernel's answer is a number beyond any memory (control groups version 1) or 0.
  const limit = process.constrainedMemory() || Infinity;
  return { cpus: containerCpus(), memoryMb: Math.floor(Math.min(limit, totalmem()) / 2 ** 20) };
}

/**
 * One job more than processors, so that reading, writing and waiting of one job leave no processor idle, but not more than
 * memory allows. The children's caps add up to the limit at most, so that the kernel never has to choose a victim: from
 * Kubernetes 1.28 on it would take the whole container.
 */
export function capacityFor(
  settings: { readonly concurrency?: number | undefined; readonly childMemoryMb?: number | undefined },
  { cpus, memoryMb }: Resources,
): Capacity {
  const byMemory = Math.max(1, Math.floor((memoryMb - parentMb) / (settings.childMemoryMb ?? childMb)));
  const concurrency = settings.concurrency ?? Math.min(cpus + 1, byMemory);
  const share = Math.floor((memoryMb - parentMb) / concurrency);
  return {
    concurrency,
    childMemoryMb: settings.childMemoryMb ?? Math.max(childMb, Math.min(share, largestChildMb)),
    concurrencyFrom: settings.concurrency ? 'WORKER_CONCURRENCY' : byMemory < cpus + 1 ? 'memory' : 'cpus',
    childMemoryFrom: settings.childMemoryMb ? 'CHILD_MEMORY_MB' : share < largestChildMb ? 'memory' : 'default',
  };
}
