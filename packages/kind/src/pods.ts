/** Why pods do not run: what a person would look up with `kubectl get`, `describe` and `logs`. */
import { z } from 'zod';
import type { Cluster } from './cluster.js';

const Ended = z.object({ exitCode: z.number(), reason: z.string().optional() });
const ContainerStatus = z.object({
  name: z.string(),
  ready: z.boolean(),
  restartCount: z.number(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      terminated: Ended.optional(),
    })
    .default({}),
  lastState: z.object({ terminated: Ended.optional() }).default({}),
});
const Pod = z.object({
  metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
  status: z.object({
    phase: z.string(),
    reason: z.string().optional(),
    message: z.string().optional(),
    conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() })).default([]),
    initContainerStatuses: z.array(ContainerStatus).default([]),
    containerStatuses: z.array(ContainerStatus).default([]),
  }),
});
export const Pods = z.object({ items: z.array(Pod) });

const Events = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ creationTimestamp: z.string() }),
      involvedObject: z.object({ kind: z.string(), name: z.string() }),
      reason: z.string().nullish(),
      message: z.string().nullish(),
      lastTimestamp: z.string().nullish(),
      eventTime: z.string().nullish(),
    }),
  ),
});

export interface Trouble {
  readonly pod: string;
  readonly why: string;
  /** What every pod goes through when it starts. */
  readonly usual: boolean;
  /** The container that is to blame, if there is one whose log is worth a look; `crashed` when that of the run before is. */
  readonly log?: { readonly container: string; readonly crashed: boolean };
}

/** The pods that are not ready, and why. */
export function troubles({ items }: z.infer<typeof Pods>): Trouble[] {
  return items.filter((pod) => !isReady(pod) && !isOver(pod)).map(trouble);
}

function isReady({ status }: z.infer<typeof Pod>): boolean {
  return status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
}

function isOver({ metadata, status }: z.infer<typeof Pod>): boolean {
  return status.phase === 'Succeeded' || metadata.deletionTimestamp !== undefined;
}

function trouble({ metadata: { name: pod }, status }: z.infer<typeof Pod>): Trouble {
  const unscheduled = status.conditions.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  if (unscheduled) return { pod, why: `no node takes it: ${unscheduled.message}`, usual: false };
  const blamed =
    status.initContainerStatuses.find(({ state }) => !state.terminated || state.terminated.exitCode !== 0) ??
    status.containerStatuses.find(({ ready }) => !ready);
  if (!blamed) return { pod, why: status.message ?? status.reason ?? status.phase, usual: status.phase === 'Pending' };

  const { waiting, terminated } = blamed.state;
  const ended = terminated ?? blamed.lastState.terminated;
  const states = [
    waiting && [waiting.reason, waiting.message].filter(Boolean).join(': '),
    ended && `ended with exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}`,
    !waiting && !terminated && 'runs, but is not ready',
  ];
  const hasRun = !waiting || blamed.restartCount > 0;
  return {
    pod,
    why: `container ${blamed.name}: ${states.filter(Boolean).join('; ')}`,
    usual: !ended && (!waiting || usualReasons.has(waiting.reason)),
    ...(hasRun && { log: { container: blamed.name, crashed: Boolean(waiting) } }),
  };
}

const usualReasons = new Set<string | undefined>(['PodInitializing', 'ContainerCreating']);

/** On one line: which pods are being waited for, and why where that is not usual. */
export function inShort(found: readonly Trouble[]): string {
  const shown = found.toSorted((a, b) => Number(a.usual) - Number(b.usual)).slice(0, 4);
  const rest = found.length - shown.length;
  return [...shown.map(({ pod, why, usual }) => (usual ? pod : `${pod} (${why})`)), ...(rest > 0 ? [`${rest} more`] : [])].join(
    ', ',
  );
}

/** All there is to say about the pods of a namespace that are not ready: the ends of their logs, and the warnings since a time. */
export async function diagnose(cluster: Cluster, namespace: string, since: Date): Promise<string> {
  const found = troubles(await cluster.get(Pods, ['pods', '--namespace', namespace, '--output', 'json']));
  const about = await Promise.all(found.slice(0, 4).map((each) => describe(cluster, namespace, each)));
  const args = ['events', '--namespace', namespace, '--field-selector', 'type=Warning', '--output', 'json'];
  const warnings = warningLines(await cluster.get(Events, args), since);
  return [...about, ...(warnings.length > 0 ? [['Warnings of Kubernetes:', ...warnings].join('\n')] : [])].join('\n\n');
}

async function describe(cluster: Cluster, namespace: string, { pod, why, log }: Trouble): Promise<string> {
  const heading = `Pod ${pod}: ${why}`;
  if (!log) return heading;
  const args = ['logs', pod, '--namespace', namespace, '--container', log.container, '--tail', '12'];
  const lines = await cluster.kubectl(log.crashed ? [...args, '--previous'] : args).catch(() => '');
  return lines.trim() ? `${heading}\n${indented(lines.trim())}` : heading;
}

/** The last eight, each thing that happened to an object only once. */
export function warningLines({ items }: z.infer<typeof Events>, since: Date): string[] {
  const latest = new Map<string, string>();
  const inOrder = items
    .map((event) => ({ ...event, at: event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp }))
    .filter(({ at }) => new Date(at) >= since)
    .toSorted((a, b) => a.at.localeCompare(b.at));
  for (const { involvedObject, reason, message } of inOrder) {
    const what = `${involvedObject.kind}/${involvedObject.name} ${reason ?? ''}`;
    // Once more at the end, not where it was before.
    latest.delete(what);
    latest.set(what, `${what}: ${message ?? ''}`);
  }
  return [...latest.values()].slice(-8).map(indented);
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
