/** What becomes of jobs, told a second time and without SQL: by this the model-based test judges the database. */
import { maxAttempts, maxCrashes } from '../job.entity.js';
import type { CancelOutcome, DeleteOutcome, RetryOutcome } from '../job-intake.js';
import type { ClaimOptions, OutputOutcome, Progress } from '../job-leases.js';
import type { RetriedJobs } from '../retry-failed.js';
import { isFinal, type Status } from '../status.js';
import type { SeenBatch, SeenJob } from './seen-jobs.js';

interface ModelJob extends SeenJob {
  readonly source: NewSource;
  readonly batch: SeenBatch | undefined;
  /** Of all claims, the latest last. */
  readonly tokens: string[];
  /** Grows with the time at which jobs became due; undefined while this one has to pause. */
  dueSince: number | undefined;
  /** Since the first attempt: whether there was one, and whether that is more than a day ago. */
  age: 'new' | 'begun' | 'old';
}

type NewSource = { readonly key: string } | { readonly url: string } | { readonly from: string; readonly output: string };

export interface NewModelJob {
  readonly id: string;
  readonly priority: number;
  readonly outputs: readonly string[];
  readonly source: NewSource;
  readonly batchId?: string;
  /** How many it may have; default: as many as usual. */
  readonly attempts?: number | null;
  readonly crashes?: number | null;
}

/** The least and the most seconds until the next attempt. */
type Pause = readonly [number, number];

export interface Claim {
  readonly limit: number;
  readonly options: ClaimOptions;
}

interface EndOfAttempt {
  /** Without it there is no next attempt. */
  readonly pause: Pause | undefined;
  readonly errorCode: string | null;
  readonly errorOutput?: string;
}

export class JobModel {
  /** Of all jobs that there ever were. */
  readonly ids: string[] = [];
  /** How many there were. */
  claims = 0;
  lastClaim: Claim | undefined;
  /** Pauses that the latest step has begun. */
  readonly pauses = new Map<string, Pause>();
  readonly batches: SeenBatch[] = [];
  readonly #jobs = new Map<string, ModelJob>();
  #time = 0;

  get jobs(): SeenJob[] {
    return this.#all.map(({ source: _source, batch: _batch, tokens: _tokens, dueSince: _dueSince, age: _age, ...seen }) => seen);
  }

  /** Of the claim so many before the latest one. */
  tokenOf(id: string, before: number): string | undefined {
    return this.#jobs.get(id)?.tokens.at(-1 - before);
  }

  outputsOf(id: string): string[] {
    return this.#jobs.get(id)?.outputs.map(({ name }) => name) ?? [];
  }

  /** False when its source is not there. */
  submit({ id, priority, outputs, source, batchId, attempts, crashes }: NewModelJob): boolean {
    this.ids.push(id);
    const made = 'from' in source && this.#jobs.get(source.from)?.outputs.find(({ name }) => name === source.output);
    if ('from' in source && (!made || made.status !== 'completed')) return false;
    const sourceKey = 'key' in source ? source.key : made ? made.storageKey : null;
    this.#jobs.set(id, {
      ...unclaimed,
      id,
      batchId: batchId ?? null,
      maxAttempts: attempts ?? maxAttempts,
      maxCrashes: crashes ?? maxCrashes,
      batch: this.batches.find((batch) => batch.id === batchId),
      priority,
      source,
      sourceKey,
      outputs: outputs.map((name) => ({ name, ...unmade })),
      history: [],
      tokens: [],
      dueSince: (this.#time += 1),
    });
    return true;
  }

  /** The ids of all that its token holds then. */
  claim(limit: number, { token, workerId }: ClaimOptions, order: readonly number[]): string[] {
    this.claims += 1;
    const kept = this.#all.filter((job) => job.token === token && job.status === 'running');
    const due = this.#all.filter((job) => job.status === 'queued' && job.dueSince !== undefined);
    const first = due.toSorted((one, other) => (one.dueSince ?? 0) - (other.dueSince ?? 0));
    const claimed = order.flatMap((priority) => first.filter((job) => job.priority === priority)).slice(0, limit - kept.length);
    for (const job of claimed) {
      if (job.age === 'new') job.age = 'begun';
      job.tokens.push(token);
      become(job, 'running', { attempt: job.attempt + 1, generation: job.generation + 1, token, workerId });
    }
    return [...kept, ...claimed].map(({ id }) => id);
  }

  extend(id: string, token: string, { stage, outputsDone }: Progress): 'held' | 'cancel' | 'lost' {
    const job = this.#running(id, token);
    if (!job) return 'lost';
    if (job.stage !== stage || job.outputsDone !== outputsDone) job.version += 1;
    Object.assign(job, { stage, outputsDone, isExpired: false });
    return job.cancelRequested ? 'cancel' : 'held';
  }

  sourceFetched(id: string, token: string, sourceKey: string): boolean {
    const job = this.#running(id, token);
    if (!job || !('url' in job.source)) return false;
    Object.assign(job, { sourceKey, version: job.version + 1 });
    return true;
  }

  complete(id: string, token: string, outcomes: readonly OutputOutcome[]): Status | undefined {
    return this.#end(id, token, (job) => {
      if (job.cancelRequested) return become(job, 'canceled', { lastErrorCode: null });
      for (const output of job.outputs) {
        const outcome = outcomes.find(({ name }) => name === output.name);
        if (outcome?.status === 'failed') Object.assign(output, { status: 'failed', errorCode: outcome.code });
        else if (outcome && 'storageKey' in outcome)
          Object.assign(output, { status: 'completed', storageKey: outcome.storageKey });
      }
      const failed = job.outputs.find(({ status }) => status === 'failed');
      const error = { errorCode: failed?.errorCode ?? null, errorOutput: failed?.name ?? null, lastErrorCode: null };
      become(job, failed ? 'failed' : 'completed', error);
    });
  }

  fail(id: string, token: string, errorCode: string, errorOutput: string): Status | undefined {
    return this.#end(id, token, (job) => this.#endWithout(job, { pause: undefined, errorCode, errorOutput }));
  }

  retry(id: string, token: string, errorCode: string): Status | undefined {
    return this.#end(id, token, (job) => {
      const pause = job.attempt < job.maxAttempts ? backoff(job.attempt, 300) : undefined;
      this.#endWithout(job, { pause, errorCode });
    });
  }

  postpone(id: string, token: string, errorCode: string): Status | undefined {
    return this.#end(id, token, (job) => {
      if (job.age === 'old') return this.#endWithout(job, { pause: undefined, errorCode });
      this.#endWithout(job, { pause: [0.5, 1], errorCode }, { attempt: job.attempt - Number(!job.cancelRequested) });
    });
  }

  crashed(id: string, token: string, errorCode: string): Status | undefined {
    return this.#end(id, token, (job) => this.#crash(job, errorCode));
  }

  release(id: string, token: string): Status | undefined {
    return this.#end(id, token, (job) => {
      this.#endWithout(job, { pause: [0, 0], errorCode: null }, { attempt: job.attempt - 1 });
    });
  }

  /** The ids of those whose lease had run out. */
  sweep(): string[] {
    const expired = this.#all.filter(({ isExpired }) => isExpired);
    for (const job of expired) this.#crash(job, 'worker_crashed', { token: null });
    return expired.map(({ id }) => id);
  }

  cancel(id: string): CancelOutcome {
    const job = this.#jobs.get(id);
    if (!job) return 'not_found';
    if (isFinal(job.status)) return job.status === 'canceled' ? 'canceled' : 'finished';
    job.cancelRequested = true;
    if (job.status === 'running') return 'canceling';
    become(job, 'canceled');
    return 'canceled';
  }

  retryByClient(id: string): RetryOutcome {
    const job = this.#jobs.get(id);
    if (job?.status !== 'failed') return { outcome: job ? 'not_failed' : 'not_found', keys: [] };
    if (this.#isRead(id)) return { outcome: 'in_use', keys: [] };
    const keys = keysOf(job);
    become(job, 'queued', {
      retries: job.retries + 1,
      maxAttempts: job.attempt + maxAttempts,
      maxCrashes: job.crashCount + maxCrashes,
      errorCode: null,
      errorOutput: null,
      lastErrorCode: null,
    });
    Object.assign(job, { dueSince: (this.#time += 1), age: 'new' });
    for (const output of job.outputs) Object.assign(output, unmade);
    return { outcome: 'retried', keys };
  }

  delete(id: string): DeleteOutcome {
    const job = this.#jobs.get(id);
    if (!job) return { outcome: 'not_found', keys: [] };
    if (job.status === 'running') return { outcome: 'running', keys: [] };
    if (this.#isRead(id)) return { outcome: 'in_use', keys: [] };
    this.#jobs.delete(id);
    if (!isFinal(job.status)) count(job.batch, -1);
    return { outcome: 'deleted', keys: [...keysOf(job), ...('from' in job.source ? [] : toArray(job.sourceKey))] };
  }

  submitBatch(id: string, jobs: readonly NewModelJob[]): void {
    this.batches.push({ id, total: jobs.length, unfinished: jobs.length, ends: 0 });
    for (const job of jobs) this.submit({ ...job, batchId: id });
  }

  cancelBatch(id: string): 'canceling' | 'finished' {
    const unfinished = this.#ofBatch(id).filter(({ status }) => !isFinal(status));
    for (const job of unfinished) this.cancel(job.id);
    return unfinished.length > 0 ? 'canceling' : 'finished';
  }

  retryBatch(id: string): RetriedJobs {
    const outcomes = this.#ofBatch(id).map((job) => this.retryByClient(job.id));
    const retried = outcomes.filter(({ outcome }) => outcome === 'retried');
    return { retried: retried.length, keys: retried.flatMap(({ keys }) => keys) };
  }

  /** Its pause is over, or its lease; with `isLong` also more than a day. */
  passTime(id: string, isLong: boolean): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    job.dueSince ??= this.#time += 1;
    job.isExpired = job.status === 'running';
    if (isLong && job.age === 'begun') job.age = 'old';
  }

  get #all(): ModelJob[] {
    return [...this.#jobs.values()];
  }

  #ofBatch(batchId: string): ModelJob[] {
    return this.#all.filter((job) => job.batchId === batchId);
  }

  /** By an unfinished job. */
  #isRead(id: string): boolean {
    return this.#all.some(({ source, status }) => 'from' in source && source.from === id && !isFinal(status));
  }

  #running(id: string, token: string): ModelJob | undefined {
    return this.#all.find((job) => job.id === id && job.token === token && job.status === 'running');
  }

  /** An attempt that its holder has ended does not end again: it is told how it did. */
  #end(id: string, token: string, end: (job: ModelJob) => void): Status | undefined {
    const job = this.#jobs.get(id);
    if (job?.token !== token) return undefined;
    if (job.status === 'running') end(job);
    return job.status;
  }

  #crash(job: ModelJob, errorCode: string, change: Partial<SeenJob> = {}): void {
    const hasMore = job.attempt < job.maxAttempts && job.crashCount + 1 < job.maxCrashes && errorCode !== 'processing_timeout';
    const pause = hasMore ? backoff(job.crashCount, 60) : undefined;
    this.#endWithout(job, { pause, errorCode }, { ...change, crashCount: job.crashCount + 1 });
  }

  /** Without results. */
  #endWithout(job: ModelJob, { pause, errorCode, errorOutput }: EndOfAttempt, change: Partial<SeenJob> = {}): void {
    if (job.cancelRequested) return become(job, 'canceled', { ...change, lastErrorCode: null });
    if (!pause) return become(job, 'failed', { ...change, errorCode, errorOutput: errorOutput ?? null, lastErrorCode: null });
    become(job, 'queued', { ...change, lastErrorCode: errorCode });
    job.dueSince = pause[1] > 0 ? undefined : (this.#time += 1);
    if (pause[1] > 0) this.pauses.set(job.id, pause);
  }
}

function become(job: ModelJob, status: Status, change: Partial<SeenJob> = {}): void {
  if (isFinal(job.status) !== isFinal(status)) count(job.batch, isFinal(status) ? -1 : 1);
  const isOfWorker = [job.status, status].includes('running');
  Object.assign(job, { ...change, status, stage: status === 'running' ? 'fetch' : null, isExpired: false });
  job.version += 1;
  const { version, retries, attempt, workerId, errorCode, lastErrorCode } = job;
  const reason = { queued: lastErrorCode, running: null, completed: null, failed: errorCode, canceled: null }[status];
  job.history.push({ version, status, retries, attempt, workerId: isOfWorker ? workerId : null, errorCode: reason });
  if (!isFinal(status)) job.outputsDone = 0;
  else for (const output of job.outputs) if (output.status === 'queued') Object.assign(output, { status, errorCode });
}

function count(batch: SeenBatch | undefined, by: number): void {
  if (!batch) return;
  batch.unfinished += by;
  if (batch.unfinished === 0) batch.ends += 1;
}

const unmade = { status: 'queued', storageKey: null, errorCode: null } as const;

const unclaimed = {
  status: 'queued',
  attempt: 0,
  generation: 0,
  retries: 0,
  crashCount: 0,
  token: null,
  workerId: null,
  isExpired: false,
  cancelRequested: false,
  stage: null,
  outputsDone: 0,
  errorCode: null,
  errorOutput: null,
  lastErrorCode: null,
  version: 1,
  age: 'new',
} as const;

function backoff(exponent: number, mostSeconds: number): Pause {
  const most = Math.min(2 ** exponent, mostSeconds);
  return [most / 2, most];
}

function keysOf({ outputs }: SeenJob): string[] {
  return outputs.flatMap(({ storageKey }) => toArray(storageKey));
}

function toArray(key: string | null): string[] {
  return key === null ? [] : [key];
}
