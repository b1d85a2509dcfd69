import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';

export interface LoopOptions {
  /** For the log. */
  readonly name: string;
  /** Pause between two rounds; varied by a quarter both ways, so that many workers do not ask in step. */
  readonly everyMs: number;
  /** One round. Resolves to `true` when there is more to do at once. It may reject when the signal aborts: the loop is to stop. */
  readonly round: (signal: AbortSignal) => Promise<boolean>;
  /** Called for every round that fails, where the log tells of the first only. */
  readonly onFailure?: () => void;
  readonly logger: Logger;
}

/**
 * Repeats something for as long as the process lives. A round that fails does not end it: the first failure and the recovery
 * are logged, and not the hundred failures between.
 */
export class Loop {
  readonly #options: LoopOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #pause = new AbortController();
  #woken = false;
  #failing = false;
  #lastRoundAt = performance.now();

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** How long ago the last round ended, well or not. */
  get silentMs(): number {
    return performance.now() - this.#lastRoundAt;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Has the next round begin without a pause before it. */
  wake(): void {
    this.#woken = true;
    this.#pause.abort();
  }

  /** Resolves when the round under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#woken = false;
      const more = await this.#round();
      this.#lastRoundAt = performance.now();
      if (more || this.#woken) continue;
      this.#pause = new AbortController();
      const pauseMs = this.#options.everyMs * (0.75 + Math.random() / 2);
      await sleep(pauseMs, undefined, { signal: AbortSignal.any([signal, this.#pause.signal]) }).catch(() => undefined);
    }
  }

  async #round(): Promise<boolean> {
    const { name, round, onFailure, logger } = this.#options;
    try {
      const more = await round(this.#stopping.signal);
      if (this.#failing) logger.log('loop works again', { loop: name });
      this.#failing = false;
      return more;
    } catch (error) {
      if (this.#stopping.signal.aborted) return false;
      onFailure?.();
      if (!this.#failing) logger.error('loop fails and goes on trying', { loop: name, err: error });
      this.#failing = true;
      return false;
    }
  }
}

/** A provider of Nest whose rounds begin with the application, and have ended when that stops. */
export abstract class LoopProvider implements OnApplicationBootstrap, BeforeApplicationShutdown {
  protected readonly logger = new Logger(this.constructor.name);
  protected readonly loop: Loop;

  constructor(options: Omit<LoopOptions, 'round' | 'logger'>) {
    this.loop = new Loop({ ...options, round: (signal) => this.round(signal), logger: this.logger });
  }

  /** See `LoopOptions`. */
  protected abstract round(signal: AbortSignal): Promise<boolean>;

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
