/** The three Helm releases of the cluster, and how one is brought up to date. */
import { setInterval } from 'node:timers/promises';
import { z } from 'zod';
import type { Cluster } from './cluster.js';
import { CommandFailure } from './command.js';
import { Complaint } from './complaint.js';
import type { ImageTags } from './images.js';
import { diagnose, inShort, Pods, troubles } from './pods.js';
import type { ChartSource, Settings } from './settings.js';

export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Labels that the namespace gets. */
  readonly labels: Readonly<Record<string, string>>;
  readonly source: ChartSource;
  /** Further arguments of `helm upgrade`. */
  readonly args: readonly string[];
}

export const monitoring = { name: 'kps', namespace: 'monitoring' };
export const ingress = { name: 'traefik', namespace: 'traefik' };
export const tintype = { name: 'tintype', namespace: 'tintype' };

export function monitoringRelease({ kubePrometheusStack }: Settings): Release {
  return { ...monitoring, labels: {}, source: kubePrometheusStack, args: [...values('kube-prometheus-stack'), ...inhibitions] };
}

export function ingressRelease({ traefik }: Settings): Release {
  return { ...ingress, labels: {}, source: traefik, args: values('traefik') };
}

export function tintypeRelease(tags: ImageTags, args: readonly string[]): Release {
  return {
    ...tintype,
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    source: { chart: 'charts/tintype', version: '' },
    args: [
      ...values('tintype'),
      // As text: a tag of digits alone would become a number.
      '--set-string',
      `api.image.tag=${tags.api},worker.image.tag=${tags.worker}`,
      ...args,
    ],
  };
}

/** What Tintype's alerts say of each other. */
const inhibitions = ['--values', 'docs/reference/inhibit-rules.yaml'];

function values(name: string): string[] {
  return ['--values', `packages/kind/values/${name}.yaml`];
}

interface InstallOptions {
  readonly signal: AbortSignal;
  /** Hears now and then what is still being waited for. */
  readonly onWait: (text: string) => void;
}

const patienceMs = 20_000;

/** Installs or upgrades a release and waits until its pods are ready. Resolves with the status that Helm shows for it. */
export async function install(cluster: Cluster, release: Release, { signal, onWait }: InstallOptions): Promise<string> {
  const { name, namespace, source, args } = release;
  await applyNamespace(cluster, release, signal);
  await clearInterrupted(cluster, release, signal);
  const began = new Date();
  const upgraded = new AbortController();
  const waiting = reportWaiting(cluster, namespace, onWait, upgraded.signal);
  const where = ['--install', '--namespace', namespace, '--wait', '--timeout', '5m', '--history-max', '5'];
  const version = source.version ? ['--version', source.version] : [];
  try {
    await cluster.helm(['upgrade', name, source.chart, ...where, ...version, ...args], { signal });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new Complaint([await diagnose(cluster, namespace, began), error.message].filter(Boolean).join('\n\n'));
  } finally {
    upgraded.abort();
    await waiting;
  }
  const { info, version: revision } = await status(cluster, release);
  return `${info.status}, revision ${revision}`;
}

async function applyNamespace(cluster: Cluster, { namespace, labels }: Release, signal: AbortSignal): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
  await cluster.kubectl(['apply', '--filename', '-'], { input: JSON.stringify(object), signal });
}

const Status = z.object({
  version: z.number(),
  info: z.object({ status: z.string() }),
});

async function status(cluster: Cluster, { name, namespace }: Release): Promise<z.infer<typeof Status>> {
  return Status.parse(JSON.parse(await cluster.helm(['status', name, '--namespace', namespace, '--output', 'json'])));
}

/** A Helm that was killed leaves its release locked, for good. */
async function clearInterrupted(cluster: Cluster, release: Release, signal: AbortSignal): Promise<void> {
  const current = await status(cluster, release).catch((error: unknown) => {
    if (error instanceof CommandFailure && error.errors.includes('release: not found')) return undefined;
    throw error;
  });
  const where = [release.name, '--namespace', release.namespace];
  if (current?.info.status === 'pending-install') await cluster.helm(['uninstall', ...where, '--wait'], { signal });
  // To whatever was before, and without waiting for it to be well: the upgrade comes next.
  else if (current?.info.status.startsWith('pending-')) await cluster.helm(['rollback', ...where], { signal });
}

async function reportWaiting(
  cluster: Cluster,
  namespace: string,
  onWait: InstallOptions['onWait'],
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const _ of setInterval(patienceMs, undefined, { signal })) {
      const waiting = troubles(await cluster.get(Pods, ['pods', '--namespace', namespace, '--output', 'json'], { signal }));
      if (waiting.length > 0) onWait(`waiting for ${inShort(waiting)}`);
    }
  } catch (error) {
    // The upgrade itself will say what is wrong with the cluster.
    if (!signal.aborted && !(error instanceof CommandFailure)) throw error;
  }
}
