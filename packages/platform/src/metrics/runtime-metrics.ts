/**
 * What Node.js and the operating system tell of the process, read when Prometheus asks. prom-client has such metrics, too, but six
 * times as many, and counts only the first of several collections that it is told of at a time.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { constants, monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { type LabelsOf, type Metric, metrics } from '@tintype/metrics';
import { Counter, Gauge, register } from 'prom-client';

type GcKind = LabelsOf<typeof metrics.gcPauses>['kind'];

const gcKinds: Readonly<Record<number, GcKind>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

type GcEntry = PerformanceEntry & { readonly detail: { readonly kind: number } };

/** Facts of the process that take watching. */
class Watcher {
  readonly gcSeconds: Record<GcKind, number> = { major: 0, minor: 0, incremental: 0, weakcb: 0 };
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.#delay.enable();
    const collections = new PerformanceObserver((list) => {
      for (const { duration, detail } of list.getEntries() as GcEntry[]) {
        const kind = gcKinds[detail.kind];
        if (kind) this.gcSeconds[kind] += duration / 1000;
      }
    });
    collections.observe({ entryTypes: ['gc'] });
  }

  /** Since the last call. */
  lagP99(): number {
    const seconds = this.#delay.percentile(99) / 1e9;
    this.#delay.reset();
    return seconds;
  }
}

/** One for all applications in the process, as specs start several. */
let theWatcher: Watcher | undefined;

/** Has the metrics of the process, which must be registered, read at every scrape. */
export function collectRuntimeMetrics(): void {
  const watcher = (theWatcher ??= new Watcher());
  const started = Date.now() / 1000 - process.uptime();
  counted(metrics.processCpu, () => {
    const { user, system } = process.cpuUsage();
    return [[{}, (user + system) / 1e6]];
  });
  counted(metrics.eventLoopTime, () => {
    const { active, idle } = performance.eventLoopUtilization();
    return [
      [{ state: 'active' }, active / 1000],
      [{ state: 'idle' }, idle / 1000],
    ];
  });
  counted(metrics.gcPauses, () => metrics.gcPauses.labels.kind.map((kind) => [{ kind }, watcher.gcSeconds[kind]]));
  measured(metrics.processStart, () => started);
  measured(metrics.eventLoopLagP99, () => watcher.lagP99());
  measured(metrics.residentMemory, () => process.memoryUsage.rss());
  measured(metrics.heapUsed, () => process.memoryUsage().heapUsed);
  measured(metrics.heapTotal, () => process.memoryUsage().heapTotal);
  measured(metrics.externalMemory, () => process.memoryUsage().external);
  measured(metrics.openFds, openFds);
  measured(metrics.maxFds, maxFds);
}

/** For a counter that somebody else counts. */
function counted<M extends Metric>({ name }: M, read: () => readonly (readonly [labels: LabelsOf<M>, value: number])[]): void {
  const counter = register.getSingleMetric(name);
  if (!(counter instanceof Counter)) throw new Error(`${name} is no counter of this service`);
  const collect = () => {
    counter.reset();
    for (const [labels, value] of read()) counter.inc(labels, value);
  };
  Object.assign(counter, { collect });
}

/** `read`: undefined where there is no telling. */
function measured({ name }: Metric, read: () => number | undefined): void {
  const gauge = register.getSingleMetric(name);
  if (!(gauge instanceof Gauge)) throw new Error(`${name} is no gauge of this service`);
  const collect = () => {
    const value = read();
    if (value === undefined) gauge.remove();
    else gauge.set(value);
  };
  Object.assign(gauge, { collect });
}

/** `/proc` only seems to be files: reading it waits for no disk. */
function openFds(): number | undefined {
  // One of them is the directory itself.
  return ofProc(() => readdirSync('/proc/self/fd').length - 1);
}

function maxFds(): number | undefined {
  return ofProc(() => {
    const [, most] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return most === undefined ? undefined : Number(most);
  });
}

function ofProc(read: () => number | undefined): number | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
