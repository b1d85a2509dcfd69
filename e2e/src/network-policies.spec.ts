/** Only API and worker reach the bundled stores, and only Prometheus the metrics of the worker. */
import { connectionsOf, connectionsOfStranger } from './connections.js';
import { namespace, podOf, type TemporaryNamespace, temporaryNamespace } from './cluster.js';

const stores = ['postgresql:5432', 'valkey:6379', 'object-storage:7070'].map(
  (address) => `tintype-${address.replace(':', `.${namespace}.svc:`)}`,
);
const refused: unknown = expect.stringMatching(/^(timeout|ECONNREFUSED|EHOSTUNREACH)$/);
let workerMetrics: string;
let elsewhere: TemporaryNamespace;

beforeAll(async () => {
  workerMetrics = `${(await podOf('worker')).status.podIP}:9091`;
  elsewhere = await temporaryNamespace();
});
afterAll(() => elsewhere.remove());

test.each(['api', 'worker'] as const)('the %s connects to every store', async (component) => {
  const { metadata } = await podOf(component);
  expect(await connectionsOf(namespace, metadata.name, stores)).toEqual(allOf(stores, 'connected'));
});

test.each([
  ['without our labels in the same namespace', () => namespace],
  ['of another namespace', () => elsewhere.name],
])('a pod %s connects to none, nor to the metrics of the worker', async (_about, where) => {
  const outcomes = await connectionsOfStranger(where(), [...stores, workerMetrics]);
  expect(outcomes).toEqual(allOf([...stores, workerMetrics], refused));
});

test('a pod of the namespace of Prometheus reads the metrics of the worker, and connects to no store', async () => {
  const outcomes = await connectionsOfStranger('monitoring', [...stores, workerMetrics]);
  expect(outcomes).toEqual({
    ...allOf(stores, refused),
    [workerMetrics]: 'connected',
  });
});

function allOf(addresses: readonly string[], outcome: unknown): Record<string, unknown> {
  return Object.fromEntries(addresses.map((target) => [target, outcome]));
}
