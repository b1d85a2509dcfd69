/** The child processes in which images are decoded: as many as jobs run at the same time, started before the first job. */
import type { RunRequest } from '@tintype/operations/run';
import type { Logger } from '@nestjs/common';
import { outsideTraces } from '@tintype/tracing';
import { Child, type ChildOptions } from './child.js';
import { ChildFailure, type ChildExitReason } from './child-failure.js';
import { residentBytes } from './child-memory.js';
import type { ChildEvent } from './messages.js';

const memoryCheckMs = 200;
const firstRestartDelayMs = 100;
const longestRestartDelayMs = 10_000;

export interface ChildPoolOptions extends ChildOptions {
  readonly size: number;
  /** A child that has begun so many jobs is replaced, so that no leak and no intruder lives long. */
  readonly maxJobs: number;
  /** A child that holds more while it runs a job is killed. */
  readonly memoryBytes: number;
  /** A job that takes longer loses its child. */
  readonly jobTimeoutMs: number;
  readonly logger: Logger;
  readonly onExit?: (reason: ChildExitReason) => void;
}

export class ChildPool {
  readonly #options: ChildPoolOptions;
  readonly #children = new Set<Child>();
  /** The one used last comes first: its caches are warm. */
  readonly #idle: Child[] = [];
  readonly #busy = new Set<Child>();
  readonly #waiting: ((child: Child) => void)[] = [];
  /** The child that retires when the next one is ready. One at a time: a start costs as much processor time as ten small images. */
  #replacing: Child | undefined;
  #failedStarts = 0;
  #memoryCheck: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: ChildPoolOptions) {
    this.#options = options;
  }

  /** Resolves when every child can take a job; rejects with the ChildFailure of the first that cannot start. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.size }, () => this.#launch().ready));
  }

  /** Whether a job would find a child. */
  get ready(): boolean {
    return this.#idle.length + this.#busy.size > 0;
  }

  /** A child that holds more is killed. */
  get memoryLimitBytes(): number {
    return this.#options.memoryBytes;
  }

  /** How many children there are in each state. */
  get states(): Readonly<Record<'starting' | 'idle' | 'busy', number>> {
    const [idle, busy] = [this.#idle.length, this.#busy.size];
    return { starting: this.#children.size - idle - busy, idle, busy };
  }

  /** What each child holds, in bytes. */
  async residentBytes(): Promise<readonly number[]> {
    const pids = [...this.#children].flatMap(({ pid }) => pid ?? []);
    return [...(await residentBytes(pids)).values()];
  }

  /** The most that libvips ever held in one of the present children, in bytes. */
  get vipsPeakBytes(): number {
    return Math.max(0, ...[...this.#children].map((child) => child.vipsPeakBytes));
  }

  /**
   * Runs a request in a child that is free. Rejects with an ImageError when the source cannot be processed, and with a
   * ChildFailure when the child crashed or was killed: at the deadline, for its memory, or when `signal` aborts.
   */
  async run(request: RunRequest, signal: AbortSignal, onEvent: (event: ChildEvent) => void): Promise<void> {
    const child = await this.#acquire(signal);
    const { jobTimeoutMs } = this.#options;
    const deadline = setTimeout(() => child.kill('timeout', `after ${jobTimeoutMs} ms`), jobTimeoutMs);
    const cancel = (): void => child.kill('canceled', 'nobody waits for the job');
    signal.addEventListener('abort', cancel, { once: true });
    try {
      await child.run(request, onEvent);
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener('abort', cancel);
      this.#release(child);
    }
  }

  /** Kills all children and resolves when they are gone. Their jobs reject with the reason `stopped`. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#memoryCheck);
    const children = [...this.#children];
    for (const child of children) child.kill('stopped', 'the worker stops');
    await Promise.all(children.map((child) => child.gone));
  }

  #launch(): Child {
    // Whose job it is that makes a new one necessary is nothing to the jobs that it will run.
    return outsideTraces(() => this.#begin());
  }

  #begin(): Child {
    const child = new Child(this.#options);
    this.#children.add(child);
    child.ready.then(
      () => this.#started(child),
      () => (this.#failedStarts += 1),
    );
    void child.gone.then((failure) => this.#lost(child, failure));
    return child;
  }

  #started(child: Child): void {
    this.#failedStarts = 0;
    if (this.#replacing) {
      this.#retire(this.#replacing);
      this.#replacing = undefined;
    }
    this.#offer(child);
  }

  async #acquire(signal: AbortSignal): Promise<Child> {
    if (signal.aborted) throw new ChildFailure('canceled', 'before it had a child', '');
    let idle = this.#idle.pop();
    while (idle && !idle.alive) idle = this.#idle.pop();
    const child = idle ?? (await this.#next(signal));
    this.#busy.add(child);
    this.#memoryCheck ??= setInterval(() => void this.#checkMemory(), memoryCheckMs);
    return child;
  }

  /** Only where a child has just crashed must a job wait for its successor. */
  #next(signal: AbortSignal): Promise<Child> {
    return new Promise((resolve, reject) => {
      const take = (child: Child): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(child);
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(new ChildFailure('canceled', 'before it had a child', ''));
      };
      this.#waiting.push(take);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #release(child: Child): void {
    this.#busy.delete(child);
    if (!child.alive) return;
    if (child.retiring) return this.#retire(child);
    const worn = child.jobs >= this.#options.maxJobs || child.residentBytes > this.#options.memoryBytes / 2;
    if (worn && !this.#replacing && !this.#stopping) {
      this.#replacing = child;
      this.#launch();
    }
    this.#offer(child);
  }

  #offer(child: Child): void {
    if (!child.alive) return;
    const take = this.#waiting.shift();
    if (take) take(child);
    else this.#idle.push(child);
  }

  #retire(child: Child): void {
    child.retiring = true;
    if (this.#busy.has(child)) return;
    this.#forget(child);
    child.kill('recycled', 'its successor is ready');
  }

  #forget(child: Child): boolean {
    const at = this.#idle.indexOf(child);
    if (at >= 0) this.#idle.splice(at, 1);
    return this.#children.delete(child);
  }

  #lost(child: Child, failure: ChildFailure): void {
    const { reason, how, stderr } = failure;
    this.#options.onExit?.(reason);
    if (!this.#forget(child) || this.#stopping) return;
    this.#options.logger.warn('child process ended', { pid: child.pid, reason, how, stderr, jobs: child.jobs });
    if (child === this.#replacing) {
      this.#replacing = undefined;
      return;
    }
    if (child.retiring) return;
    // A child that dies in a job dies of the job; one that dies without may have a reason that lasts.
    const delayMs =
      this.#failedStarts === 0 && child.jobs > 0
        ? 0
        : Math.min(firstRestartDelayMs * 2 ** this.#failedStarts, longestRestartDelayMs);
    setTimeout(() => this.#stopping || this.#launch(), delayMs).unref();
  }

  async #checkMemory(): Promise<void> {
    if (this.#busy.size === 0) {
      clearInterval(this.#memoryCheck);
      this.#memoryCheck = undefined;
      return;
    }
    const busy = new Map([...this.#busy].map((child) => [child.pid ?? 0, child]));
    for (const [pid, bytes] of await residentBytes([...busy.keys()])) {
      const child = busy.get(pid);
      if (child && bytes > this.#options.memoryBytes) {
        child.kill('memory', `${Math.round(bytes / 2 ** 20)} MB`);
      }
    }
  }
}
