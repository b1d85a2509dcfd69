import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { JobReader, type JobVersion } from '@tintype/jobs';
import { outsideTraces } from '@tintype/tracing';
import { setTimeout as delay } from 'node:timers/promises';

/** Bounds of the pause between two looks: short right after somebody came, as most jobs are, then longer. */
const minPauseMs = 50;
const maxPauseMs = 250;
/** How many times as long as the look before it a pause is at least: so all that is watched takes a twentieth of a connection. */
const pauseToLook = 20;

interface Watch {
  readonly id: string;
  /** Whether that is what is waited for; undefined when there is no such job any more. */
  readonly isMet: (job: JobVersion | undefined) => boolean;
  readonly settle: (met: boolean) => void;
}

/**
 * Lets requests wait for what becomes of jobs, whichever process changes them. All watches of this process share one query, asked
 * again and again only while there are any; so a thousand cost PostgreSQL hardly more than one.
 */
@Injectable()
export class JobWatcher implements BeforeApplicationShutdown {
  private readonly logger = new Logger(JobWatcher.name);
  private readonly watches = new Set<Watch>();
  private lastJoinedAt = 0;
  private lastLookMs = 0;
  private running = false;
  private failing = false;
  private stopped = false;

  constructor(private readonly jobs: JobReader) {}

  /** Resolves true when the job has finished; false after `timeoutMs`, when the signal aborts, or when the process stops. */
  finished(id: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return this.watch(id, (job) => job?.finished ?? false, signal, timeoutMs);
  }

  /** Resolves true when the job has another version than this one, or is gone; false when the signal aborts, or the process stops. */
  changed(id: string, version: number, signal: AbortSignal): Promise<boolean> {
    return this.watch(id, (job) => job?.version !== version, signal);
  }

  /** Requests that wait are answered as if their time was up, so that a stopping process need not wait for them. */
  beforeApplicationShutdown(): void {
    this.stopped = true;
    for (const watch of this.watches) watch.settle(false);
  }

  private async watch(id: string, isMet: Watch['isMet'], signal: AbortSignal, timeoutMs?: number): Promise<boolean> {
    if (signal.aborted || this.stopped || (timeoutMs !== undefined && timeoutMs <= 0)) return false;
    return new Promise((resolve) => {
      const watch: Watch = { id, isMet, settle };
      const giveUp = () => settle(false);
      const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
      signal.addEventListener('abort', giveUp, { once: true });
      this.watches.add(watch);
      this.lastJoinedAt = performance.now();
      // It goes on for others when this request has been answered.
      if (!this.running) void outsideTraces(() => this.run());

      const watches = this.watches;
      function settle(met: boolean): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        watches.delete(watch);
        resolve(met);
      }
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.watches.size > 0) {
      await delay(this.pauseMs());
      await this.look();
    }
    this.running = false;
  }

  private pauseMs(): number {
    const sinceLastJoinedMs = performance.now() - this.lastJoinedAt;
    return Math.min(maxPauseMs, Math.max(minPauseMs, sinceLastJoinedMs / 4, this.lastLookMs * pauseToLook));
  }

  private async look(): Promise<void> {
    // Those who come while the answer is on its way are not told of it: for them it is old.
    const watches = [...this.watches];
    if (watches.length === 0) return;
    const started = performance.now();
    const versions = await this.versions(new Set(watches.map(({ id }) => id)));
    this.lastLookMs = performance.now() - started;
    for (const { id, isMet, settle } of versions ? watches : []) if (isMet(versions?.get(id))) settle(true);
  }

  /** Undefined when the look failed, which the next one makes up for. */
  private async versions(ids: ReadonlySet<string>): Promise<Map<string, JobVersion> | undefined> {
    try {
      const versions = await this.jobs.versions([...ids]);
      if (this.failing) this.logger.log('jobs can be watched again');
      this.failing = false;
      return versions;
    } catch (err) {
      if (!this.failing) this.logger.warn('jobs cannot be watched at the moment', { err });
      this.failing = true;
      return undefined;
    }
  }
}
