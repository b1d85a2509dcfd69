/** The cluster of `make up`, by the programs that everybody has for one. */
import { execFileSync, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { eventually } from '@tintype/testing';

const cluster = process.env['CLUSTER'] || 'tintype';
const context = `kind-${cluster}`;
/** `127.0.0.1:80` */
const mapping = execFileSync('docker', ['port', `${cluster}-control-plane`, '80/tcp'], { encoding: 'utf8' });
/** Of this machine: it leads to the Ingress. */
export const ingressPort = Number(/:(\d+)$/m.exec(mapping)?.[1]);
/** Of the release that `make up` installs, and its own name. */
export const namespace = 'tintype';
export const release = 'tintype';
export const chart = fileURLToPath(new URL('../../charts/tintype', import.meta.url));

export interface Execution {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves with what it printed; rejects with what it complained about. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  return succeeded('kubectl', args, await execute('kubectl', ['--context', context, ...args]));
}

export async function helm(...args: readonly string[]): Promise<string> {
  return succeeded('helm', args, await execute('helm', ['--kube-context', context, ...args]));
}

/** `kubectl get … -o json`. */
export async function get<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl('get', ...args, '-o', 'json')) as T;
}

/** `kubectl create -f -`: also of what is expected to be refused. */
export async function create(object: object, ...args: readonly string[]): Promise<Execution> {
  return execute('kubectl', ['--context', context, 'create', ...args, '-f', '-'], JSON.stringify(object));
}

export interface TemporaryNamespace {
  readonly name: string;
  /** With all that is in it. */
  remove(): Promise<void>;
}

export async function temporaryNamespace(): Promise<TemporaryNamespace> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'tintype-e2e-' } };
  const { exitCode, stdout, stderr } = await create(object, '-o', 'jsonpath={.metadata.name}');
  if (exitCode !== 0) throw new Error(stderr);
  return { name: stdout, remove: async () => void (await kubectl('delete', 'namespace', stdout, '--wait=false')) };
}

export interface Pod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: Readonly<Record<string, unknown>> & { readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export type Component = 'api' | 'worker' | 'postgresql' | 'valkey' | 'object-storage';

export async function podsOf(component: Component): Promise<Pod[]> {
  const selector = `app.kubernetes.io/instance=${release},app.kubernetes.io/component=${component}`;
  return (await get<{ items: Pod[] }>('pods', '-n', namespace, '-l', selector)).items;
}

/** One that is not on its way out. */
export async function podOf(component: Component): Promise<Pod> {
  const pod = (await podsOf(component)).find(({ metadata }) => !metadata.deletionTimestamp);
  if (!pod) throw new Error(`There is no pod of ${component} in ${namespace}: make up`);
  return pod;
}

/** The image of a component, which the node has for certain. */
export async function imageOf(component: Component): Promise<string> {
  return (await podOf(component)).spec.containers[0]?.image ?? '';
}

/** Resolves with the pods of a component when they are so many, all ready, and none is on its way out. */
export async function settled(component: Component, replicas: number, timeoutMs = 180_000): Promise<Pod[]> {
  return eventually(
    async () => {
      const pods = await podsOf(component);
      if (pods.length === replicas && pods.every((pod) => isReady(pod) && !pod.metadata.deletionTimestamp)) return pods;
      throw new Error(`${component} has not settled at ${replicas} ready pods: ${pods.map(described).join(', ') || 'none'}`);
    },
    { timeoutMs, everyMs: 500 },
  );
}

export function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

function described(pod: Pod): string {
  const { name, deletionTimestamp } = pod.metadata;
  return `${name} ${deletionTimestamp ? 'stopping' : isReady(pod) ? 'ready' : `not ready (${pod.status.phase})`}`;
}

function succeeded(program: string, args: readonly string[], { exitCode, stdout, stderr }: Execution): string {
  if (exitCode === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')}\nended with exit code ${exitCode}:\n${stderr || stdout}`);
}

async function execute(program: string, args: readonly string[], input = ''): Promise<Execution> {
  const child = spawn(program, args);
  // One that ends without reading it says why by itself.
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${program} does not start: ${error.message}`)));
    child.once('close', resolve);
  });
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, stderr };
}
