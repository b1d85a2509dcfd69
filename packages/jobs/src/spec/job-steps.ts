/** All that can happen to jobs, as steps of the model-based test: each is done to the database and to the model, which must agree. */
import * as fc from 'fast-check';
import type { Batches } from '../batches.js';
import { ReferencesNotFoundError, type JobIntake, type NewSource } from '../job-intake.js';
import type { ClaimOptions, CrashCode, JobLeases, OutputOutcome } from '../job-leases.js';
import { claimOrder, priorities, type Priority } from '../priority.js';
import { stages, statuses, type Status } from '../status.js';
import { image, outputs, source, storedFile, urgentFirst } from './job-database.js';
import type { Claim, JobModel, NewModelJob } from './job-model.js';
import type { ModelledJobs } from './modelled-jobs.js';

const mostJobs = 5;
const leaseSeconds = 600;

type Act<T> = (model: JobModel, jobs: ModelledJobs, drawn: T) => Promise<void>;

class Step<T> implements fc.AsyncCommand<JobModel, ModelledJobs> {
  constructor(
    readonly name: string,
    readonly drawn: T,
    readonly act: Act<T>,
  ) {}

  check({ jobs, ids }: JobModel): boolean {
    return this.name.startsWith('submit') ? jobs.length < mostJobs : ids.length > 0;
  }

  async run(model: JobModel, jobs: ModelledJobs): Promise<void> {
    await this.act(model, jobs, this.drawn);
    await jobs.expectToBe(model);
  }

  toString(): string {
    return `${this.name} ${JSON.stringify(this.drawn)}`;
  }
}

type AnyStep = fc.Arbitrary<fc.AsyncCommand<JobModel, ModelledJobs>>;
type Drawn<T> = { readonly [K in keyof T]: fc.Arbitrary<T[K]> };

function step<T>(name: string, drawn: Drawn<T>, act: Act<T>): AnyStep {
  return fc.record<T>(drawn).map((values) => new Step(name, values, act));
}

/** One of the jobs, for `idOf`. */
const which = fc.nat(mostJobs * 5 - 1);
const order = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map(claimOrder);
const times = fc.nat(5).map((value) => (value === 5 ? 2 : 1));

/** `attempts`, `crashes`: how many it may have; null: as many as usual, which few sequences use up. */
interface Submit {
  readonly priority: Priority;
  readonly names: string[];
  readonly from: 'file' | 'url' | number;
  readonly attempts: number | null;
  readonly crashes: number | null;
}

const submit = step<Submit>(
  'submit',
  {
    priority: fc.constantFrom('interactive', 'normal', 'bulk'),
    names: fc.constantFrom(['first'], ['first', 'second']),
    from: fc.oneof(fc.constantFrom('file' as const, 'url' as const), which),
    attempts: fc.option(fc.integer({ min: 1, max: 3 })),
    crashes: fc.option(fc.integer({ min: 1, max: 2 })),
  },
  async (model, jobs, { priority, names, from, attempts, crashes }) => {
    const id = uuid(7, model.ids.length);
    const [real, modelled] = newSource(typeof from === 'number' ? idOf(model, from, ['completed']) : from);
    const isAccepted = model.submit({ id, priority: priorities[priority], outputs: names, source: modelled, attempts, crashes });

    const created = jobs.database.intake.create({ id, priority, outputs: outputs(...names), source: real });
    if (!isAccepted) await expect(created).rejects.toThrow(ReferencesNotFoundError);
    else await jobs.limit(await created, attempts, crashes);
  },
);

function newSource(from: string): [NewSource, NewModelJob['source']] {
  const file = storedFile();
  if (from === 'file') return [file, { key: file.storageKey }];
  const url = { url: 'https://example.com/image.png' };
  return from === 'url'
    ? [url, url]
    : [
        { job_id: from, output: 'first' },
        { from, output: 'first' },
      ];
}

const submitBatch = step<{ priority: Priority }>(
  'submitBatch',
  { priority: fc.constantFrom('interactive', 'normal', 'bulk') },
  async (model, jobs, { priority }) => {
    const files = [storedFile(), storedFile()];
    const ids = files.map((_, index) => uuid(7, model.ids.length + index));
    const { batch } = await jobs.batches.create({
      jobs: files.map((file, index) => ({ id: ids[index] ?? '', priority, outputs: outputs('first'), source: file })),
    });
    const rest = { priority: priorities[priority], outputs: ['first'] };
    model.submitBatch(
      batch.id,
      files.map(({ storageKey }, index) => ({ id: ids[index] ?? '', source: { key: storageKey }, ...rest })),
    );
  },
);

const claim = step<{ limit: number; order: number[] }>(
  'claim',
  { limit: fc.integer({ min: 1, max: 3 }), order },
  async (model, jobs, drawn) => {
    model.lastClaim = { limit: drawn.limit, options: newClaim(model) };
    await claimAs(model.lastClaim, drawn.order, model, jobs);
  },
);

/** The answer to the latest claim was lost, and whatever came after it came meanwhile. */
const claimAgain = step<{ order: number[] }>('claimAgain', { order }, async (model, jobs, drawn) => {
  if (model.lastClaim) await claimAs(model.lastClaim, drawn.order, model, jobs);
});

async function claimAs(claimed: Claim, classes: readonly number[], model: JobModel, jobs: ModelledJobs): Promise<void> {
  const { limit, options } = claimed;
  const taken = await jobs.leases(classes).claim(limit, options);
  expect(idsOf(taken)).toEqual(model.claim(limit, options, classes).toSorted());
}

function newClaim({ claims }: JobModel): ClaimOptions {
  return { token: uuid(4, claims), workerId: `worker-${claims}`, leaseSeconds };
}

interface ByHolder {
  readonly which: number;
  /** So many claims of the job came after that of the worker who does it. */
  readonly later: number;
  /** Twice, as a worker does whose answer was lost. */
  readonly times: number;
}

const byHolder: Drawn<ByHolder> = { which, later: fc.nat(6).map((value) => Math.max(0, value - 4)), times };

interface Held {
  readonly id: string;
  readonly token: string;
}

const foreignToken = uuid(4, 999_999);

function held(model: JobModel, drawn: ByHolder): Held {
  const id = idOf(model, drawn.which, ['running']);
  return { id, token: model.tokenOf(id, drawn.later) ?? foreignToken };
}

/** What a worker does to a job that it holds, or once held. */
function stepByHolder<T>(
  name: string,
  drawn: Drawn<T>,
  expected: (model: JobModel, held: Held, drawn: T) => unknown,
  actual: (leases: JobLeases, held: Held, drawn: T) => Promise<unknown>,
): AnyStep {
  return step<T & ByHolder>(name, { ...byHolder, ...drawn } as Drawn<T & ByHolder>, async (model, jobs, values) => {
    const holder = held(model, values);
    for (let time = 0; time < values.times; time += 1) {
      expect(await actual(jobs.leases(urgentFirst()), holder, values)).toEqual(expected(model, holder, values));
    }
  });
}

const extend = stepByHolder(
  'extend',
  { stage: fc.constantFrom(...stages), outputsDone: fc.nat(2) },
  (model, { id, token }, progress) => model.extend(id, token, progress),
  (leases, { id, token }, progress) => leases.extend(id, token, leaseSeconds, progress),
);

const sourceFetched = stepByHolder(
  'sourceFetched',
  {},
  (model, { id, token }) => model.sourceFetched(id, token, `uploads/${id}-${token}`),
  (leases, { id, token }) => leases.sourceFetched(id, token, { ...storedFile(), storageKey: `uploads/${id}-${token}` }),
);

/** `next`: in which order it looks for a further job, if it does. */
const complete = step<ByHolder & { failed: string[]; next: number[] | null }>(
  'complete',
  { ...byHolder, failed: fc.oneof(fc.constant<string[]>([]), fc.subarray(['first', 'second'])), next: fc.option(order) },
  async (model, jobs, { failed, next, ...drawn }) => {
    const { id, token } = held(model, drawn);
    const options = newClaim(model);
    const results = model.outputsOf(id).map((name) => (failed.includes(name) ? failedOutput(name) : image(name)));
    for (let time = 0; time < drawn.times; time += 1) {
      const done = await jobs.leases(next ?? []).complete(id, token, { source, outputs: results }, next ? options : undefined);
      expect(done.status).toEqual(model.complete(id, token, results));
      expect(idsOf(done.next ? [done.next] : [])).toEqual(next ? model.claim(1, options, next) : []);
    }
  },
);

function failedOutput(name: string): OutputOutcome {
  return { name, status: 'failed', code: 'invalid_operation' };
}

const fail = stepByHolder(
  'fail',
  {},
  (model, { id, token }) => model.fail(id, token, 'corrupt_image', 'first'),
  (leases, { id, token }) => leases.fail(id, token, { code: 'corrupt_image', output: 'first' }),
);

const retry = stepByHolder(
  'retry',
  {},
  (model, { id, token }) => model.retry(id, token, 'processing_failed'),
  (leases, { id, token }) => leases.retry(id, token, { code: 'processing_failed' }),
);

const postpone = stepByHolder(
  'postpone',
  {},
  (model, { id, token }) => model.postpone(id, token, 'storage_unavailable'),
  (leases, { id, token }) => leases.postpone(id, token, { code: 'storage_unavailable' }),
);

const crashed = stepByHolder<{ code: CrashCode }>(
  'crashed',
  { code: fc.constantFrom('worker_crashed', 'memory_limit_exceeded', 'processing_timeout') },
  (model, { id, token }, { code }) => model.crashed(id, token, code),
  (leases, { id, token }, { code }) => leases.crashed(id, token, { code }),
);

const release = stepByHolder(
  'release',
  {},
  (model, { id, token }) => model.release(id, token),
  (leases, { id, token }) => leases.release(id, token),
);

/** What a client does. */
function stepByClient(
  name: string,
  meant: readonly Status[],
  expected: (model: JobModel, id: string) => unknown,
  actual: (intake: JobIntake, id: string) => Promise<unknown>,
): AnyStep {
  return step<{ which: number }>(name, { which }, async (model, jobs, drawn) => {
    const id = idOf(model, drawn.which, meant);
    expect(await actual(jobs.database.intake, id)).toEqual(expected(model, id));
  });
}

const cancel = stepByClient(
  'cancel',
  ['queued', 'running'],
  (model, id) => model.cancel(id),
  (intake, id) => intake.cancel(id),
);

const retryByClient = stepByClient(
  'retryByClient',
  ['failed'],
  (model, id) => keysInOrder(model.retryByClient(id)),
  async (intake, id) => keysInOrder(await intake.retry(id)),
);

const remove = stepByClient(
  'delete',
  statuses,
  (model, id) => keysInOrder(model.delete(id)),
  async (intake, id) => keysInOrder(await intake.delete(id)),
);

/** What a client does to a batch. */
function stepByClientOfBatch(
  name: string,
  expected: (model: JobModel, id: string) => unknown,
  actual: (batches: Batches, id: string) => Promise<unknown>,
): AnyStep {
  return step<{ which: number }>(name, { which }, async (model, jobs, drawn) => {
    const batch = model.batches[drawn.which % model.batches.length];
    if (batch) expect(await actual(jobs.batches, batch.id)).toEqual(expected(model, batch.id));
  });
}

const cancelBatch = stepByClientOfBatch(
  'cancelBatch',
  (model, id) => model.cancelBatch(id),
  (batches, id) => batches.cancel(id),
);

const retryBatch = stepByClientOfBatch(
  'retryBatch',
  (model, id) => keysInOrder(model.retryBatch(id)),
  async (batches, id) => keysInOrder((await batches.retryFailed(id)) ?? { keys: [] }),
);

function keysInOrder<T extends { readonly keys: readonly string[] }>({ keys, ...rest }: T): unknown {
  return { ...rest, keys: keys.toSorted() };
}

/** `isLong`: more than a day. */
const passTime = step<{ which: number; isLong: boolean }>(
  'passTime',
  { which, isLong: fc.boolean() },
  async (model, jobs, drawn) => {
    const id = idOf(model, drawn.which, ['queued', 'running']);
    await jobs.passTime(id, drawn.isLong);
    model.passTime(id, drawn.isLong);
  },
);

const sweep = step('sweep', {}, async (model, jobs) => {
  expect(idsOf(await jobs.database.expired.sweep())).toEqual(model.sweep());
});

const often = [submit, claim, passTime];
const byWorker = [claimAgain, extend, sourceFetched, complete, fail, retry, postpone, crashed, release, sweep];
const byClients = [submitBatch, cancel, retryByClient, remove, cancelBatch, retryBatch];

export const jobSteps = fc.commands([...often, ...often, ...often, ...byWorker, ...byClients], { maxCommands: 80, size: 'max' });

/** Mostly a job in one of the states that the step is meant for; else any of all that there ever were. */
function idOf({ jobs, ids }: JobModel, number: number, meant: readonly Status[] = statuses): string {
  const fitting = jobs.filter(({ status }) => meant.includes(status)).map(({ id }) => id);
  const some = fitting.length > 0 && number >= mostJobs ? fitting : ids;
  return some[number % some.length] ?? uuid(7, 999_999);
}

function idsOf(some: readonly { readonly id: string }[]): string[] {
  return some.map(({ id }) => id).toSorted();
}

/** Of this version. */
function uuid(version: number, number: number): string {
  return `00000000-0000-${version}000-8000-${String(number).padStart(12, '0')}`;
}
