/** The life of a release, with Helm: upgrade and rollback of the running one; installation, test and removal of one of its own. */
import { createHash } from 'node:crypto';
import { eventually, samples } from '@tintype/testing';
import {
  chart,
  get,
  helm,
  imageOf,
  kubectl,
  namespace,
  type Pod,
  podsOf,
  release,
  settled,
  temporaryNamespace,
} from './cluster.js';
import { Load } from './load.js';
import { ingress } from './site.js';

const limitMs = 400_000;
const wait = ['--wait', '--timeout', '5m'];

test(
  'an upgrade with a changed value takes effect, a rollback takes it back, and neither fails a request, loses a job or changes a password',
  async () => {
    const [secrets, workers, stores] = [await secretsOf(namespace), uidsOf(await podsOf('worker')), await storePods()];
    expect(await waitOfJob(20)).toBe(20);

    const report = await Load.during(async () => {
      await helm('upgrade', release, chart, '-n', namespace, '--reset-then-reuse-values', ...shortWaits, ...wait);
      try {
        await settled('api', 2);
        expect(await waitOfJob(20)).toBe(7);
      } finally {
        await helm('rollback', release, '-n', namespace, ...wait);
      }
      await settled('api', 2);
      expect(await waitOfJob(20)).toBe(20);
    });

    expect(report.faults).toEqual([]);
    expect(report.lost).toEqual([]);
    expect(await secretsOf(namespace)).toEqual(secrets);
    // What the value is not about goes on undisturbed.
    expect(uidsOf(await podsOf('worker'))).toEqual(workers);
    expect(await storePods()).toEqual(stores);
  },
  limitMs,
);

test(
  'an installation with the defaults works, passes its test, and its removal leaves nothing but volumes and their passwords',
  async () => {
    const own = await temporaryNamespace();
    try {
      const before = await objectsIn(own.name);
      await helm('install', release, chart, '-n', own.name, ...(await images()), ...modest, ...wait);
      expect(await helm('test', release, '-n', own.name, '--timeout', '2m')).toMatch(/Phase: +Succeeded/);

      await helm('uninstall', release, '-n', own.name, '--wait', '--timeout', '3m');
      const kept = ['object-storage', 'postgresql', 'valkey'].flatMap((store) => [
        `persistentvolumeclaim/data-tintype-${store}-0`,
        `secret/tintype-${store}`,
      ]);
      await eventually(
        async () => {
          expect((await objectsIn(own.name)).filter((object) => !before.includes(object))).toEqual(kept.toSorted());
          return true;
        },
        { timeoutMs: 90_000, everyMs: 2_000 },
      );
    } finally {
      await own.remove();
    }
  },
  limitMs,
);

/** A value that is about the API alone. */
const shortWaits = ['--set', 'api.settings.MAX_WAIT_SECONDS=7'];

/** Requests, and nothing else: both releases are to fit on a node of two processors. */
const modest = ['api', 'worker', 'migration', 'postgresql', 'valkey', 'objectStorage'].flatMap((component) => [
  '--set',
  `${component}.resources.requests.cpu=20m`,
]);

/** Those that the node has. */
async function images(): Promise<string[]> {
  const tags = await Promise.all(
    (['api', 'worker'] as const).map(
      async (component) => `${component}.image.tag=${(await imageOf(component)).split(':').at(-1)}`,
    ),
  );
  return tags.flatMap((tag) => ['--set-string', tag]);
}

/** Everything but events, as `kind/name`. */
async function objectsIn(where: string): Promise<string[]> {
  const kinds = (await kubectl('api-resources', '--verbs=list', '--namespaced', '-o', 'name')).trim().split('\n');
  const stored = kinds.filter((kind) => !/^events|\.metrics\.k8s\.io$/.test(kind)).join(',');
  const objects = await kubectl('get', stored, '-n', where, '-o', 'name', '--ignore-not-found');
  return objects.split('\n').filter(Boolean).toSorted();
}

/** What tells them apart, and not what they are. */
async function secretsOf(where: string): Promise<Record<string, string>> {
  const { items } = await get<{ items: { metadata: { name: string }; type: string; data: object }[] }>('secrets', '-n', where);
  const ours = items.filter(({ type }) => type === 'Opaque');
  expect(ours).not.toEqual([]);
  return Object.fromEntries(
    ours.map(({ metadata, data }) => [metadata.name, createHash('sha256').update(JSON.stringify(data)).digest('hex')]),
  );
}

async function storePods(): Promise<string[]> {
  const pods = await Promise.all((['postgresql', 'valkey', 'object-storage'] as const).map(podsOf));
  return uidsOf(pods.flat());
}

function uidsOf(pods: readonly Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.uid).toSorted();
}

/** For how many seconds the API really waits for a job whose client would have it wait for so long. */
async function waitOfJob(seconds: number): Promise<number> {
  const site = ingress();
  const source = { data: (await samples.icon()).toString('base64') };
  const { headers } = await site.send({
    method: 'POST',
    path: '/v1/jobs',
    headers: { 'Content-Type': 'application/json', Prefer: `wait=${seconds}` },
    body: Buffer.from(JSON.stringify({ source, outputs: [{ name: 'image' }] })),
  });
  site.close();
  return Number(/^wait=(\d+)$/.exec(String(headers['preference-applied']))?.[1]);
}
