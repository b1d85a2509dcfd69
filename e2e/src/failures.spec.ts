/**
 * What jobs need is killed while many are queued, running and submitted. Requests may be refused until it is back, with 503; the
 * service recovers by itself, and every job that was accepted completes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { samples } from '@tintype/testing';
import { kubectl, namespace, podOf, settled } from './cluster.js';
import { Load, type LoadReport } from './load.js';
import { ingress } from './site.js';
import { type Job, type JobRequest, Tintype } from './tintype.js';

/** As long as it takes to move a volume to another node. */
const awaySeconds = 30;
/** From when the store is ready until no request is refused any more: the probes of the API, and Traefik. */
const recoverySeconds = 20;
/** From then until the last job has ended, whose retries may be some way off. */
const endMs = 120_000;
const limitMs = 400_000;

type Store = 'postgresql' | 'valkey' | 'object-storage';

const tintype = new Tintype(ingress());
const photo = await samples.photo(1600, 1200);
/** Some tenths of a second of work. */
const request: JobRequest = { outputs: [{ name: 'a', format: 'avif', operations: [{ operation: 'resize', width: 600 }] }] };
/** Many seconds of work. */
const longRequest: JobRequest = {
  outputs: [{ name: 'a', format: 'avif', effort: 6, operations: [{ operation: 'resize', width: 1200 }] }],
};

beforeAll(() => Promise.all([settled('api', 2), settled('worker', 2)]));
afterAll(() => tintype.site.close());

test.each([
  ['postgresql', { refuses: true }],
  // It only wakes the workers. Without it jobs are accepted all the same, and wait.
  ['valkey', { refuses: false }],
  ['object-storage', { refuses: true }],
] as const)(
  `the service survives the death of %s, and ${awaySeconds} s without it`,
  async (store, { refuses }) => {
    const expected = await resultOf(await tintype.submit(photo, request));
    let backAt = 0;
    const backlog: Job[] = [];
    const report = await Load.during(async (load) => {
      // More than the workers can run at a time.
      backlog.push(...(await submit(20, request)));
      try {
        await kill(store);
        await sleep(awaySeconds * 1000);
      } finally {
        await bringBack(store);
      }
      backAt = load.seconds;
      await Promise.all([settled('api', 2), settled('worker', 2)]);
    });

    await expectAllCompleted(report, backlog, expected);
    // It is seen that something was refused, if something was.
    expect(report.faults.length > 0).toBe(refuses);
    expect(report.faults.filter(({ status }) => status !== 503)).toEqual([]);
    expect(report.faults.filter(({ at }) => at > backAt + recoverySeconds)).toEqual([]);
  },
  limitMs,
);

test(
  'another worker takes over the jobs of one that is killed, and nobody else notices',
  async () => {
    const expected = await resultOf(await tintype.submit(photo, longRequest));
    const backlog: Job[] = [];
    const report = await Load.during(async () => {
      // More than one worker takes: each has some of them a moment later, and none is done with it before it is killed.
      backlog.push(...(await submit(4, longRequest)));
      await sleep(2_000);
      const { metadata } = await podOf('worker');
      await kubectl('delete', 'pod', '-n', namespace, metadata.name, '--grace-period=0', '--force');
      await settled('worker', 2);
    });

    const ended = await expectAllCompleted(report, backlog, expected);
    expect(ended.filter(({ attempt }) => attempt > 1)).not.toEqual([]);
    expect(report.faults).toEqual([]);
  },
  limitMs,
);

function submit(count: number, job: JobRequest): Promise<Job[]> {
  return Promise.all(Array.from({ length: count }, () => tintype.submit(photo, job)));
}

/** A second after it was told to stop, whether it has put its things in order or not. */
async function kill(store: Store): Promise<void> {
  const { metadata } = await podOf(store);
  await kubectl('scale', `statefulset/tintype-${store}`, '-n', namespace, '--replicas=0');
  await kubectl('delete', 'pod', '-n', namespace, metadata.name, '--grace-period=1', '--ignore-not-found');
  await settled(store, 0);
}

async function bringBack(store: Store): Promise<void> {
  await kubectl('scale', `statefulset/tintype-${store}`, '-n', namespace, '--replicas=1');
  await settled(store, 1);
}

async function expectAllCompleted(
  { lost, accepted, completed }: LoadReport,
  backlog: readonly Job[],
  expected: Buffer,
): Promise<Job[]> {
  const ended = await Promise.all(backlog.map((job) => tintype.finished(job, endMs)));
  const others = ended.filter(({ status }) => status !== 'completed');
  expect(others.map(({ id, status, attempt, error }) => `${id}: ${status} with ${error?.code}, attempt ${attempt}`)).toEqual([]);
  for (const job of ended) expect((await resultOf(job)).equals(expected)).toBe(true);
  expect(lost).toEqual([]);
  expect(completed).toBe(accepted);
  expect(accepted).toBeGreaterThan(20);
  return ended;
}

async function resultOf(job: Job): Promise<Buffer> {
  const { outputs } = await tintype.finished(job);
  const [output] = outputs;
  if (!output) throw new Error('The job has no output');
  return tintype.download(output);
}
