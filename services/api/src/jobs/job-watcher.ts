import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { JobReader } from '@tintype/jobs';
import { setTimeout as delay } from 'node:timers/promises';

/** Bounds of the pause between two looks: short right after a request began to wait, as most jobs are, then longer. */
const minPauseMs = 50;
const maxPauseMs = 250;

interface Waiter {
  readonly id: string;
  readonly settle: (finished: boolean) => void;
}

/**
 * Lets requests wait for the end of jobs. All waiting requests share one query, asked again and again only while there are
 * any; so a thousand waiters cost PostgreSQL as much as one.
 */
@Injectable()
export class JobWatcher implements BeforeApplicationShutdown {
  private readonly waiters = new Set<Waiter>();
  private lastJoinedAt = 0;
  private running = false;
  private stopped = false;

  constructor(private readonly jobs: JobReader) {}

  /** Resolves true when the job has finished; false after `timeoutMs`, when the signal aborts, or when the process stops. */
  async finished(id: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (timeoutMs <= 0 || signal.aborted || this.stopped) return false;
    return new Promise((resolve) => {
      const waiter: Waiter = { id, settle };
      const giveUp = () => settle(false);
      const timer = setTimeout(giveUp, timeoutMs);
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiters.add(waiter);
      this.lastJoinedAt = Date.now();
      if (!this.running) void this.watch();

      const waiters = this.waiters;
      function settle(finished: boolean): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        waiters.delete(waiter);
        resolve(finished);
      }
    });
  }

  /** Requests that wait are answered as if their time was up, so that a stopping process need not wait for them. */
  beforeApplicationShutdown(): void {
    this.stopped = true;
    for (const waiter of this.waiters) waiter.settle(false);
  }

  private async watch(): Promise<void> {
    this.running = true;
    while (this.waiters.size > 0) {
      await delay(Math.min(maxPauseMs, Math.max(minPauseMs, (Date.now() - this.lastJoinedAt) / 4)));
      await this.look();
    }
    this.running = false;
  }

  private async look(): Promise<void> {
    const ids = new Set(Array.from(this.waiters, (waiter) => waiter.id));
    if (ids.size === 0) return;
    // A failed look is made up for by the next one; the requests still have their own time limits.
    const finished = await this.jobs.finished([...ids]).catch(() => new Set<string>());
    for (const waiter of this.waiters) if (finished.has(waiter.id)) waiter.settle(true);
  }
}
