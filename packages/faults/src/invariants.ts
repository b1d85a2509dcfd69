/**
 * What holds after every fault, whatever it was:
 *
 * I1 every job that was accepted has its row, and every request made one job
 * I2 every job has ended, soon after the fault
 * I3 its result is that of its pipeline, of its last attempt, byte for byte
 * I4 it ended once, and took only the ways that the state machine knows
 * I5 its webhook was delivered, under one id, with a signature that holds
 * I6 the storage has the files that rows name, and nothing else
 * I7 nothing waits in the queue, nothing is queued or running in PostgreSQL
 * I8 no process died of an error that nobody expected, and none is left
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal, outputKey, type Status } from '@tintype/jobs';
import { eventually } from '@tintype/testing';
import { execFile } from './site/exec.js';
import type { Site } from './site/site.js';

/** For the last webhook to be delivered, when the last job has ended. */
const toldMs = 60_000;

export interface InvariantOptions {
  /** From now on, for the last job to end. Default: 60 000. */
  readonly finalWithinMs?: number | undefined;
  /** Whether a job may have ended as its client wished instead: canceled. */
  readonly cancelable?: boolean | undefined;
  /** Jobs of a version that kept none. */
  readonly withoutHistory?: ReadonlySet<string> | undefined;
}

interface OutputRow {
  readonly name: string;
  readonly sha256: string | null;
  readonly storage_key: string | null;
}

interface EventRow {
  readonly status: Status;
  readonly retries: number;
}

interface JobRow {
  readonly id: string;
  readonly status: Status;
  readonly generation: number;
  readonly retries: number;
  readonly error_code: string | null;
  readonly outputs: readonly OutputRow[];
  readonly history: readonly EventRow[];
}

const allJobs = `select id, status, generation, retries, error_code,
    array(select to_json(output) from output where job_id = job.id) as outputs,
    array(select to_json(job_event) from job_event where job_id = job.id order by version) as history
  from job`;

/** Checks I1 to I8, adds what is broken to the violations of the site, and leaves its services stopped. */
export async function checkInvariants(site: Site, options: InvariantOptions = {}): Promise<void> {
  await checkEnded(site, options.finalWithinMs ?? 60_000);
  await checkQueueEmpty(site);
  await checkWebhooks(site);
  await checkProcesses(site);
  const jobs = await site.rows<JobRow>(allJobs);
  site.facts['most attempts at one job'] = Math.max(0, ...jobs.map(({ generation }) => generation));
  checkAccepted(site, jobs);
  for (const job of jobs) {
    await checkResult(site, job, options.cancelable ?? false);
    if (!options.withoutHistory?.has(job.id)) checkHistory(site, job);
  }
  await checkFiles(site);
}

function checkAccepted(site: Site, jobs: readonly JobRow[]): void {
  const { accepted, unknown, givenUp } = site.client;
  site.check(givenUp === 0, 'I1', `${givenUp} requests were refused for so long that their clients gave up`);
  const rows = new Set(jobs.map(({ id }) => id));
  for (const id of accepted.keys()) site.check(rows.has(id), 'I1', `job ${id} was accepted and is gone`);
  const others = jobs.filter(({ id }) => !accepted.has(id)).length;
  site.check(others <= unknown, 'I1', `${others} jobs for ${unknown} requests without an answer`);
}

async function checkEnded(site: Site, withinMs: number): Promise<void> {
  const began = performance.now();
  const unfinished = (): Promise<Pick<JobRow, 'id' | 'status'>[]> =>
    site.rows('select id, status from job where finished_at is null');
  await eventually(async () => (await unfinished()).length === 0, { timeoutMs: withinMs, everyMs: 100 }).catch(() => undefined);
  for (const { id, status } of await unfinished()) {
    site.check(false, 'I2', `job ${id} is still ${status} after ${Math.round(withinMs / 1000)} s`);
  }
  site.facts['all ended after, s'] = Math.round((performance.now() - began) / 100) / 10;
}

async function checkResult(site: Site, job: JobRow, cancelable: boolean): Promise<void> {
  const expected = site.client.accepted.get(job.id)?.recipe.expected;
  if (!expected || !isFinal(job.status) || (cancelable && job.status === 'canceled')) return;
  const wanted = 'end' in expected ? expected.end : 'completed';
  site.check(ending(job) === wanted, 'I3', `job ${job.id} is ${ending(job)} in place of ${wanted}`);
  if (job.status !== 'completed' || 'end' in expected) return;
  for (const output of job.outputs) await checkOutput(site, job, output, expected.sha256[output.name]);
}

function ending({ status, error_code }: JobRow): string {
  return error_code ? `${status} with ${error_code}` : status;
}

async function checkOutput(
  site: Site,
  job: JobRow,
  { name, sha256, storage_key }: OutputRow,
  expected: string | undefined,
): Promise<void> {
  const output = `output ${name} of job ${job.id}`;
  site.check(sha256 === expected, 'I3', `${output} is not what its pipeline makes`);
  site.check(storage_key === outputKey(job, name), 'I3', `${output} was written by an attempt that was over: ${storage_key}`);
  if (storage_key === null) return;
  const bytes = await site.store.read(storage_key);
  site.check(bytes !== undefined, 'I6', `${storage_key} is missing`);
  if (bytes)
    site.check(createHash('sha256').update(bytes).digest('hex') === sha256, 'I3', `the file of ${output} has other bytes`);
}

/** What the state machine knows, beside the retry that a client asks for. */
const legal = new Set([
  'queued running',
  'queued canceled',
  'running queued',
  'running completed',
  'running failed',
  'running canceled',
]);

function checkHistory(site: Site, { id, status, generation, retries, history }: JobRow): void {
  let before: EventRow = { status: 'queued', retries: 0 };
  for (const event of history) {
    const retried = before.status === 'failed' && event.status === 'queued' && event.retries === before.retries + 1;
    const known = legal.has(`${before.status} ${event.status}`) || retried;
    site.check(known, 'I4', `job ${id} went from ${before.status} to ${event.status}`);
    before = event;
  }
  site.check(before.status === status, 'I4', `job ${id} is ${status}, but its history ends with ${before.status}`);
  const claims = history.filter((event) => event.status === 'running').length;
  site.check(claims === generation, 'I4', `job ${id} was claimed ${generation} times, ${claims} of them while it was queued`);
  for (let round = 0; round <= retries; round++) {
    const ends = history.filter((event) => event.retries === round && isFinal(event.status)).length;
    const due = round < retries || isFinal(status) ? 1 : 0;
    site.check(ends === due, 'I4', `job ${id} ended ${ends} times`);
  }
}

/** Every end was told, and told as one. The database has `pending` ones while their time has not come. */
async function checkWebhooks(site: Site): Promise<void> {
  const { receiver, client } = site;
  if (!receiver) return;
  await site.until(`select not exists (select from webhook_delivery where status = 'pending')`, toldMs);
  const ended = await site.rows<{ id: string }>('select id from job where finished_at is not null and id = any($1)', [
    [...client.accepted.keys()],
  ]);
  for (const { id } of ended) {
    const told = receiver.told.get(id);
    site.check(told !== undefined, 'I5', `nobody was told of the end of job ${id}`);
    site.check(!told || told.ids.size === 1, 'I5', `the end of job ${id} was told under ${told?.ids.size} ids`);
  }
  for (const forged of receiver.forged) site.check(false, 'I5', `a webhook was not signed as it must be: ${forged}`);
  const times = [...receiver.told.values()].reduce((sum, told) => sum + told.times, 0);
  site.facts['webhooks delivered again'] = times - receiver.told.size;
}

/** Files that rows name are there, and after a sweep no others. */
async function checkFiles(site: Site): Promise<void> {
  const rows = await site.rows<{ storage_key: string }>(
    `select storage_key from (
       select storage_key from output union all select storage_key from input union all select storage_key from upload
     ) as file where storage_key is not null`,
  );
  const named = new Set(rows.map(({ storage_key }) => storage_key));
  const before = await site.store.keys();
  for (const key of named) site.check(before.has(key), 'I6', `${key} is missing`);
  site.facts['files swept'] = [...before].filter((key) => !named.has(key)).length;
  // As an operator has it done, but for files of any age: nothing is under way.
  await site.run('services/worker/dist/sweep.js', '--older-than=0');
  await site.store.storage.removeAbandoned(0);
  const after = await site.store.keys();
  for (const key of after) site.check(named.has(key), 'I6', `${key} belongs to nothing and is left`);
  for (const key of named) site.check(after.has(key) || !before.has(key), 'I6', `${key} was swept away`);
  const temporary = await site.store.temporaryFiles();
  site.check(temporary.length === 0, 'I6', `${temporary.length} temporary files are left`);
}

const lists = ['wait', 'active', 'paused'] as const;
const sets = ['prioritized', 'delayed', 'failed'] as const;

async function checkQueueEmpty(site: Site): Promise<void> {
  // A ring that nobody needed is heard soon; one whose hearer died is taken up when its lock has expired.
  const waiting = async (): Promise<number> => {
    const counts = await Promise.all([
      ...lists.map((list) => site.redis.command('LLEN', `bull:jobs:${list}`)),
      ...sets.map((set) => site.redis.command('ZCARD', `bull:jobs:${set}`)),
    ]);
    return counts.reduce<number>((sum, count) => sum + Number(count), 0);
  };
  await eventually(async () => (await waiting()) === 0, { timeoutMs: 30_000, everyMs: 100 }).catch(() => undefined);
  site.check((await waiting()) === 0, 'I7', 'the queue is not empty');
}

const unexpected = 'unexpected error, the process ends';
const stopMs = 20_000;

/** Stops the services, and looks at what they leave. */
async function checkProcesses(site: Site): Promise<void> {
  const services = [...site.apis.all, ...site.workers.all];
  const last = services.filter(({ ended }) => !ended);
  await Promise.race([site.stopServices(), sleep(stopMs)]);
  for (const { name, ended } of last)
    site.check(ended?.code === 0, 'I8', `${name} did not stop in order: ${JSON.stringify(ended)}`);
  for (const service of services) {
    for (const { err } of service.logged(unexpected))
      site.check(false, 'I8', `${service.name} died: ${JSON.stringify(err).slice(0, 500)}`);
    for (const line of service.stray) site.check(!/unhandled|uncaught/i.test(line), 'I8', `${service.name} wrote: ${line}`);
  }
  const groups = new Set(services.map(({ pid }) => pid));
  const survivors = async (): Promise<string[]> =>
    (await processes()).filter(({ group }) => groups.has(group)).map(({ command }) => command);
  await eventually(async () => (await survivors()).length === 0, { timeoutMs: 5_000 }).catch(() => undefined);
  for (const command of await survivors()) site.check(false, 'I8', `a process is left: ${command}`);
}

/** Each service is the leader of its process group, to which its children belong. */
async function processes(): Promise<{ group: number; command: string }[]> {
  const { stdout } = await execFile('ps', ['-A', '-o', 'pgid=,stat=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [, group, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return group && command && !state?.startsWith('Z') ? [{ group: Number(group), command }] : [];
  });
}
