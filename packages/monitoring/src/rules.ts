/** What a PrometheusRule is made of. */
import { inRelease, type Release } from './places.js';
import { recorded } from './read.js';
import type { Series } from './series.js';
import type { Vector } from './vector.js';

/** What tells one installation from another. */
export const byRelease = ['namespace', 'service'] as const;

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: Severity };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** `critical`: users notice, somebody must look now. `warning`: look in working hours. */
export type Severity = 'critical' | 'warning';

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** A series that a rule computes and that others read, by the labels that name the release. */
export interface Recording {
  readonly record: string;
  readonly expr: Vector<ReleaseLabel>;
  /** How the rules after it read it. */
  readonly read: Vector<ReleaseLabel>;
  /** Why it may have no value although everything is well. */
  readonly mayBeEmpty?: string;
}

export type ReleaseLabel = 'namespace' | 'service';

/** `record` is named as Prometheus advises: level:metric:operations. */
export function recording(
  record: `service:${string}:${string}`,
  owner: Series['owner'],
  expr: Vector<ReleaseLabel>,
  mayBeEmpty?: string,
): Recording {
  return { record, expr, read: recorded(record, owner), ...(mayBeEmpty !== undefined && { mayBeEmpty }) };
}

export interface Alert {
  readonly alert: `Tintype${string}`;
  readonly severity: Severity;
  /** How long the expression must hold. */
  readonly for: `${number}${'s' | 'm' | 'h'}`;
  readonly expr: Pick<Vector<string>, 'print'>;
  /** What is wrong, in one sentence. */
  readonly summary: string;
  /** The same with figures and names, as a template of Prometheus. */
  readonly seen: string;
  /** Where to look, or what to do. */
  readonly response: string;
}

type LabelsIn<Template extends string> = Template extends `${string}{{ $labels.${infer Name} }}${infer Rest}`
  ? Name | LabelsIn<Rest>
  : never;

/** An alert whose text names only labels that its expression has. */
export function alert<L extends string, const Seen extends string>(
  rule: Omit<Alert, 'expr' | 'seen'> & {
    readonly expr: Vector<L>;
    readonly seen: Seen & ([LabelsIn<Seen>] extends [L] ? unknown : never);
  },
): Alert {
  return rule;
}

export interface RuleDeclarations {
  readonly name: string;
  readonly recordings: readonly Recording[];
  readonly alerts: readonly Alert[];
}

/** The rules of one release, recordings first: those of a group are evaluated one after the other. */
export function ruleGroup({ name, recordings, alerts }: RuleDeclarations, release: Release): RuleGroup {
  const place = inRelease(release);
  return {
    name,
    rules: [
      ...recordings.map(({ record, expr }) => ({ record, expr: expr.print(place) })),
      ...alerts.map((rule) => ({
        alert: rule.alert,
        expr: rule.expr.print(place),
        for: rule.for,
        labels: { severity: rule.severity },
        annotations: { summary: rule.summary, description: `${rule.seen} ${rule.response}` },
      })),
    ],
  };
}
