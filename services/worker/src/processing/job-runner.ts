import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { type ClaimedJob, type JobErrorCode, JobLeases, type Status, type Wake } from '@tintype/jobs';
import { imageLimits } from '@tintype/operations';
import type { Storage } from '@tintype/storage';
import { v4 as uuidv4 } from 'uuid';
import { ChildFailure } from '../children/child-failure.js';
import { ChildPool } from '../children/child-pool.js';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { STORAGE } from '../storage/storage.module.js';
import { ActionCounter } from './action-counter.js';
import { AttemptMetrics, type Outcome } from './attempt-metrics.js';
import { type AttemptTools, type Results, runAttempt } from './attempt.js';
import { endAttempt, endingFor } from './end-of-attempt.js';
import { LeaseKeeper, leaseSeconds } from './lease-keeper.js';
import { patiently } from './patience.js';
import { ScratchDirectories } from './scratch-directories.js';
import { Stopwatch } from './stopwatch.js';

/** A wake that is given up is sent again; a slot of the worker that waits is of no use to anybody. */
const claimPatienceMs = 5_000;
/** Finished work waits for the database for as long as a failover may take; if the lease expires meanwhile it was in vain. */
const recordPatienceMs = 120_000;

interface End {
  readonly outcome: Outcome;
  /** The job's. Undefined when another worker has it now, or nobody knows. */
  readonly status: Status | undefined;
  readonly code?: JobErrorCode | undefined;
  /** For the log, where it is not the picture's fault. */
  readonly err?: unknown;
}

/** Runs the job of a wake: claims it, makes its outputs and records what came of it. */
@Injectable()
export class JobRunner {
  readonly #logger = new Logger(JobRunner.name);
  readonly #workerId = `${hostname()}-${process.pid}`;
  readonly #tools: AttemptTools;
  readonly #held = new Set<LeaseKeeper>();
  #stopping = false;

  constructor(
    private readonly leases: JobLeases,
    children: ChildPool,
    private readonly actions: ActionCounter,
    private readonly metrics: AttemptMetrics,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(SETTINGS) private readonly settings: WorkerSettings,
  ) {
    this.#tools = { storage, children, scratch: new ScratchDirectories(storage), limits: imageLimits(settings) };
  }

  /** Rejects only when the database cannot be reached, or refuses. */
  async run(wake: Wake): Promise<void> {
    const token = uuidv4();
    const stopwatch = new Stopwatch();
    const job = await patiently(claimPatienceMs, () =>
      this.leases.claim(wake, { workerId: this.#workerId, leaseSeconds, token }),
    );
    if (!job) {
      this.#logger.debug('nothing to claim', { ...wake });
      return;
    }
    const lease = new LeaseKeeper(this.leases, job, this.#logger);
    this.#held.add(lease);
    if (this.#stopping) lease.interrupt('stopping');
    this.metrics.begun(job);
    let end: End = { outcome: 'retried', status: undefined };
    try {
      end = await this.#attempt(job, lease, stopwatch);
    } catch (error) {
      end = { ...end, err: error };
      throw error;
    } finally {
      lease.stop();
      this.#held.delete(lease);
      this.metrics.ended(end.outcome, stopwatch);
      this.#log(job, end, stopwatch);
    }
  }

  /**
   * Ends all attempts at once, also of wakes that are still on their way, and gives their jobs back. Resolves when that is
   * recorded, or after `timeoutMs`.
   */
  async releaseAll(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    for (const lease of this.#held) lease.interrupt('stopping');
    await this.idle(timeoutMs);
    await this.#tools.scratch.clear();
  }

  /** Resolves when no job is being run, or after `timeoutMs`. */
  async idle(timeoutMs: number): Promise<void> {
    const giveUpAt = performance.now() + timeoutMs;
    while (this.#held.size > 0 && performance.now() < giveUpAt) await sleep(50);
  }

  async #attempt(job: ClaimedJob, lease: LeaseKeeper, stopwatch: Stopwatch): Promise<End> {
    try {
      const results = await runAttempt(job, this.#tools, lease.signal, stopwatch);
      return await stopwatch.time('record', () => this.#recordResults(job, results));
    } catch (error) {
      return await stopwatch.time('record', () => this.#recordFailure(job, lease, error));
    }
  }

  async #recordResults(job: ClaimedJob, results: Results): Promise<End> {
    const status = await patiently(recordPatienceMs, () => this.leases.complete(job.id, job.leaseToken, results));
    if (status !== 'completed' && status !== 'failed') {
      // Nobody knows of these files: the job is another worker's now, or canceled.
      await this.storage.delete(results.keys).catch(() => undefined);
      return { outcome: status === 'canceled' ? 'canceled' : 'fenced', status };
    }
    for (const [index, { status: outputStatus }] of results.outputs.entries()) this.#count(job, index, outputStatus);
    return { outcome: status, status, code: results.outputs.find((output) => output.status === 'failed')?.code };
  }

  async #recordFailure(job: ClaimedJob, lease: LeaseKeeper, error: unknown): Promise<End> {
    const { interruption } = lease;
    if (interruption === 'lost') return { outcome: 'fenced', status: undefined };
    if (interruption && error instanceof ChildFailure) {
      const status = await patiently(recordPatienceMs, () => this.leases.release(job.id, job.leaseToken));
      return { outcome: status === 'canceled' ? 'canceled' : status ? 'released' : 'fenced', status };
    }
    const ending = endingFor(error, this.settings.JOB_TIMEOUT_SECONDS);
    const status = await patiently(recordPatienceMs, () => endAttempt(this.leases, job, ending));
    if (status === 'failed') for (const index of job.outputs.keys()) this.#count(job, index, 'failed');
    return {
      outcome: status === undefined ? 'fenced' : status === 'canceled' ? status : ending.outcome,
      status,
      code: ending.failure.code,
      err: ending.outcome === 'failed' ? undefined : error,
    };
  }

  #count(job: ClaimedJob, index: number, status: 'completed' | 'failed'): void {
    const output = job.outputs[index];
    if (output) this.actions.count(output.spec, status);
  }

  #log(job: ClaimedJob, end: End, stopwatch: Stopwatch): void {
    const { id, requestId, generation, attempt } = job;
    const facts = { job: id, request_id: requestId, generation, attempt, ...end, ms: stopwatch.report() };
    if (end.outcome === 'retried' || end.outcome === 'crashed' || end.outcome === 'fenced')
      this.#logger.warn('attempt ended', facts);
    else this.#logger.log('attempt ended', facts);
  }
}
