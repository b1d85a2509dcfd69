import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { type ClaimedJob, type ClaimOptions, type JobErrorCode, JobLeases, type Status } from '@tintype/jobs';
import { imageLimits } from '@tintype/operations';
import type { Storage } from '@tintype/storage';
import { v4 as uuidv4 } from 'uuid';
import { ChildFailure } from '../children/child-failure.js';
import { ChildPool } from '../children/child-pool.js';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { STORAGE } from '../storage/storage.module.js';
import { ActionCounter } from './action-counter.js';
import { AttemptMetrics, type Outcome } from './attempt-metrics.js';
import { inAttemptSpan, traceOf } from './attempt-span.js';
import { type AttemptTools, type Results, runAttempt } from './attempt.js';
import { endAttempt, endingFor } from './end-of-attempt.js';
import { ImageMetrics } from './image-metrics.js';
import { LeaseKeeper, leaseSeconds } from './lease-keeper.js';
import { patiently, recordPatienceMs } from './patience.js';
import { ScratchDirectories } from './scratch-directories.js';
import { SourceOfUrl } from './source-of-url.js';
import { Stopwatch } from './stopwatch.js';

/** Whoever asked for jobs asks again soon. */
const claimPatienceMs = 5_000;

interface End {
  readonly outcome: Outcome;
  /** The job's. Undefined when another worker has it now, or nobody knows. */
  readonly status: Status | undefined;
  readonly code?: JobErrorCode | undefined;
  /** For the log, where it is not the picture's fault. */
  readonly err?: unknown;
  /** Claimed with the end of this one; null when none was due, undefined when it was not asked for. */
  readonly next?: ClaimedJob | null;
}

/** Claims jobs, makes their outputs and records what came of it. */
@Injectable()
export class JobRunner {
  readonly #logger = new Logger(JobRunner.name);
  readonly #workerId = `${hostname()}-${process.pid}`;
  readonly #tools: AttemptTools;
  readonly #held = new Set<LeaseKeeper>();
  #takesMore = true;
  #releasing = false;

  constructor(
    private readonly leases: JobLeases,
    children: ChildPool,
    sources: SourceOfUrl,
    private readonly actions: ActionCounter,
    private readonly metrics: AttemptMetrics,
    images: ImageMetrics,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(SETTINGS) private readonly settings: WorkerSettings,
  ) {
    const scratch = new ScratchDirectories(storage);
    this.#tools = { storage, sources, children, scratch, images, limits: imageLimits(settings) };
  }

  /** Up to `limit` jobs that are due; each must be given to {@link run}. Rejects when the database is away, or refuses. */
  async claim(limit: number): Promise<ClaimedJob[]> {
    const options = this.#claimOptions();
    return patiently(claimPatienceMs, () => this.leases.claim(limit, options));
  }

  /** Never rejects. Resolves to the job to go on with, which is claimed already; undefined when none is due. */
  async run(job: ClaimedJob): Promise<ClaimedJob | undefined> {
    const { next } = await inAttemptSpan(job, () => this.#run(job));
    return next === undefined ? this.#next() : (next ?? undefined);
  }

  /** From now on no job is claimed with the end of another. */
  takeNoMore(): void {
    this.#takesMore = false;
  }

  /** Ends all attempts at once and gives their jobs back. Resolves when that is recorded, or after `timeoutMs`. */
  async releaseAll(timeoutMs: number): Promise<void> {
    this.#releasing = true;
    for (const lease of this.#held) lease.interrupt('stopping');
    const giveUpAt = performance.now() + timeoutMs;
    while (this.#held.size > 0 && performance.now() < giveUpAt) await sleep(50);
    await this.#tools.scratch.clear();
  }

  #claimOptions(): ClaimOptions {
    return { workerId: this.#workerId, leaseSeconds, token: uuidv4() };
  }

  async #run(job: ClaimedJob): Promise<End> {
    const stopwatch = new Stopwatch();
    const lease = new LeaseKeeper(this.leases, job, this.#logger, (outcome) => this.metrics.renewed(outcome));
    this.#held.add(lease);
    if (this.#releasing) lease.interrupt('stopping');
    this.metrics.begun(job);
    let end: End = { outcome: 'retried', status: undefined };
    try {
      end = await this.#attempt(job, lease, stopwatch);
    } catch (error) {
      // The database is away: somebody takes the job when its lease has expired.
      end = { ...end, err: error };
    }
    lease.stop();
    this.#held.delete(lease);
    this.metrics.ended(job, end, stopwatch);
    this.#log(job, end, stopwatch);
    return end;
  }

  async #attempt(job: ClaimedJob, lease: LeaseKeeper, stopwatch: Stopwatch): Promise<End> {
    try {
      const results = await runAttempt(job, this.#tools, lease, stopwatch);
      return await stopwatch.time('record', () => this.#recordResults(job, results));
    } catch (error) {
      return await stopwatch.time('record', () => this.#recordFailure(job, lease, error));
    }
  }

  async #next(): Promise<ClaimedJob | undefined> {
    if (!this.#takesMore) return undefined;
    // Where the database is away now, the slot is filled later.
    const [job] = await this.claim(1).catch(() => []);
    return job;
  }

  async #recordResults(job: ClaimedJob, results: Results): Promise<End> {
    const options = this.#takesMore ? this.#claimOptions() : undefined;
    const { status, next = null } = await patiently(recordPatienceMs, () =>
      this.leases.complete(job.id, job.leaseToken, results, options),
    );
    if (status !== 'completed' && status !== 'failed') {
      // Nobody knows of these files: the job is another worker's now, or canceled.
      await this.storage.delete(results.keys).catch(() => undefined);
      return { outcome: status === 'canceled' ? 'canceled' : 'fenced', status, next };
    }
    for (const [index, { status: outputStatus }] of results.outputs.entries()) this.#count(job, index, outputStatus);
    return { outcome: status, status, code: results.outputs.find((output) => output.status === 'failed')?.code, next };
  }

  async #recordFailure(job: ClaimedJob, lease: LeaseKeeper, error: unknown): Promise<End> {
    const { interruption } = lease;
    if (interruption === 'lost') return { outcome: 'fenced', status: undefined };
    if (interruption && (error instanceof ChildFailure || error === interruption)) {
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
    const { outcome, status, code, err } = end;
    const origin = { job: id, request_id: requestId, ...traceOf(job) };
    const facts = { ...origin, generation, attempt, outcome, status, code, err, ms: stopwatch.report() };
    if (outcome === 'retried' || outcome === 'postponed' || outcome === 'crashed' || outcome === 'fenced')
      this.#logger.warn('attempt ended', facts);
    else this.#logger.log('attempt ended', facts);
  }
}
