import type { ClaimedJob, JobLeases, Stage } from '@tintype/jobs';
import type { Logger } from '@nestjs/common';
import { outsideTraces } from '@tintype/tracing';
import type { Renewal } from './attempt-metrics.js';

/** A worker that is silent for so long has lost its jobs. */
export const leaseSeconds = 30;
/**
 * A beat asks whether a client wants the job canceled, so this is how soon that is noticed. It tells how far the attempt is, and
 * renews the lease when that is due.
 */
const beatMs = 500;

/** Why an attempt must end before it is done. */
export type Interruption = 'canceled' | 'lost' | 'stopping';

/** Holds the lease of one job while it is worked on. */
export class LeaseKeeper {
  readonly #leases: JobLeases;
  readonly #job: ClaimedJob;
  readonly #logger: Logger;
  readonly #onRenewal: (outcome: Renewal) => void;
  readonly #interruption = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #beating = false;
  #failing = false;
  #stage: Stage = 'fetch';
  #outputsDone = 0;

  constructor(leases: JobLeases, job: ClaimedJob, logger: Logger, onRenewal: (outcome: Renewal) => void) {
    this.#leases = leases;
    this.#job = job;
    this.#logger = logger;
    this.#onRenewal = onRenewal;
    // The attempt does not wait for it: in its trace it would be noise.
    this.#timer = outsideTraces(() => setInterval(() => void this.#beat(), beatMs));
  }

  /** Aborts when the attempt must end at once; its reason is an {@link Interruption}. */
  get signal(): AbortSignal {
    return this.#interruption.signal;
  }

  get interruption(): Interruption | undefined {
    return this.signal.aborted ? (this.signal.reason as Interruption) : undefined;
  }

  interrupt(interruption: Interruption): void {
    this.#interruption.abort(interruption);
  }

  /** The next beat tells clients of it. */
  enter(stage: Stage): void {
    this.#stage = stage;
  }

  /** The next beat tells clients of it. */
  outputStored(): void {
    this.#outputsDone += 1;
  }

  /** Call it when the attempt has ended, however it did. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    try {
      const state = await this.#leases.extend(this.#job.id, this.#job.leaseToken, leaseSeconds, {
        stage: this.#stage,
        outputsDone: this.#outputsDone,
      });
      this.#failing = false;
      this.#onRenewal(state === 'lost' ? 'lost' : 'renewed');
      if (state === 'cancel') this.interrupt('canceled');
      if (state === 'lost') this.interrupt('lost');
    } catch (err) {
      this.#onRenewal('failed');
      // Going on costs nothing: if the lease expires meanwhile, the results are refused at the end.
      if (!this.#failing) this.#logger.warn('lease cannot be extended, it is tried again', { err, job: this.#job.id });
      this.#failing = true;
    } finally {
      this.#beating = false;
    }
  }
}
