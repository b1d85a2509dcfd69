import { inShort, Pods, troubles, warningLines } from './pods.js';

test('a pod that is ready, over or on its way out is no trouble', () => {
  expect(
    found(pod('ready', { conditions: [{ type: 'Ready', status: 'True' }] }), pod('migration', { phase: 'Succeeded' }), {
      ...pod('old', {}),
      metadata: { name: 'old', deletionTimestamp: '2026-11-25T19:10:00Z' },
    }),
  ).toEqual([]);
});

test('an image that cannot be had is told with what the container runtime says', () => {
  const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "tintype/worker:none"' };
  expect(found(pod('worker-1', { containerStatuses: [container('worker', { state: { waiting } })] }))).toEqual([
    { pod: 'worker-1', why: 'container worker: ImagePullBackOff: Back-off pulling image "tintype/worker:none"', usual: false },
  ]);
});

test('of a container that crashes again and again, the log of the run before is of interest', () => {
  const crashing = container('api', {
    restartCount: 4,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 78, reason: 'Error' } },
  });
  expect(found(pod('api-1', { containerStatuses: [crashing] }))).toEqual([
    {
      pod: 'api-1',
      why: 'container api: CrashLoopBackOff; ended with exit code 78 (Error)',
      usual: false,
      log: { container: 'api', crashed: true },
    },
  ]);
});

test('an init container that does not end is to blame, not those that wait for it', () => {
  const statuses = {
    initContainerStatuses: [
      container('wait-for-postgresql', { ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } }),
      container('migrate', { state: {} }),
    ],
    containerStatuses: [container('api', { state: { waiting: { reason: 'PodInitializing' } } })],
  };
  expect(found(pod('api-1', statuses))).toEqual([
    {
      pod: 'api-1',
      why: 'container migrate: runs, but is not ready',
      usual: true,
      log: { container: 'migrate', crashed: false },
    },
  ]);
});

test('a pod that no node takes says why', () => {
  const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: 1 Insufficient cpu.' }];
  expect(found(pod('worker-2', { phase: 'Pending', conditions }))).toEqual([
    { pod: 'worker-2', why: 'no node takes it: 0/1 nodes are available: 1 Insufficient cpu.', usual: false },
  ]);
});

test('in short, what is unusual comes first and with its reason', () => {
  const starting = ['a', 'b', 'c', 'd'].map((name) =>
    pod(name, { containerStatuses: [container('api', { state: { waiting: { reason: 'ContainerCreating' } } })] }),
  );
  const failing = pod('e', { containerStatuses: [container('api', { state: { waiting: { reason: 'ErrImagePull' } } })] });
  expect(inShort(found(...starting, failing))).toBe('e (container api: ErrImagePull), a, b, c, 1 more');
});

test('warnings are the latest last, each once for an object, and none from before', () => {
  const items = [
    event('Pod', 'postgresql-0', 'Unhealthy', 'Startup probe failed', '2026-11-25T19:09:59Z'),
    event('ReplicaSet', 'api-5c5b', 'FailedCreate', 'violates PodSecurity "restricted:latest"', '2026-11-25T19:10:03Z'),
    event('Pod', 'worker-1', 'BackOff', 'Back-off 10s restarting', '2026-11-25T19:10:01Z'),
    event('Pod', 'worker-1', 'BackOff', 'Back-off 20s restarting', '2026-11-25T19:10:02Z'),
  ];
  expect(warningLines({ items }, new Date('2026-11-25T19:10:00Z'))).toEqual([
    '  Pod/worker-1 BackOff: Back-off 20s restarting',
    '  ReplicaSet/api-5c5b FailedCreate: violates PodSecurity "restricted:latest"',
  ]);
});

function found(...items: object[]) {
  return troubles(Pods.parse({ items }));
}

function pod(name: string, status: object) {
  return { metadata: { name }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }], ...status } };
}

function container(name: string, status: object) {
  return { name, ready: false, restartCount: 0, ...status };
}

function event(kind: string, name: string, reason: string, message: string, lastTimestamp: string) {
  const metadata = { creationTimestamp: '2026-11-25T19:00:00Z' };
  return { metadata, involvedObject: { kind, name }, reason, message, lastTimestamp, eventTime: null };
}
