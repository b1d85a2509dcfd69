/** What a PrometheusRule is made of. */
import { inRelease, type Release } from './places.js';
import { recorded } from './read.js';
import { runbookOf } from './runbooks.js';
import type { Series } from './series.js';
import type { Vector } from './vector.js';

/** What tells one installation from another. */
export const byRelease = ['namespace', 'service'] as const;

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly keep_firing_for?: string;
  readonly labels: { readonly severity: Severity };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    /** The page of docs/runbooks. */
    readonly runbook_url: string;
    /** Path in Grafana. */
    readonly dashboard: string;
  };
}

export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;

/** `critical`: users notice, somebody must look now. `warning`: look in working hours. */
export type Severity = 'critical' | 'warning';

export interface RuleGroup {
  readonly name: string;
  /** Time between two evaluations; without it, as Prometheus has it. */
  readonly interval?: Duration;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** A series that a rule computes and that others read, by the labels that name the release. */
export interface Recording {
  /** Named as Prometheus advises: level:metric:operations. */
  readonly record: string;
  readonly expr: Pick<Vector<string>, 'print'>;
  /** Labels that the rule adds. */
  readonly labels?: (release: Release) => Readonly<Record<string, string>>;
  /** Why it may have no value although everything is well. */
  readonly mayBeEmpty?: string;
}

export type ReleaseLabel = 'namespace' | 'service';

/** One that other rules go on with. */
export function recording(
  record: `service:${string}:${string}`,
  owner: Series['owner'],
  expr: Vector<ReleaseLabel>,
  mayBeEmpty?: string,
): Recording & { readonly read: Vector<ReleaseLabel> } {
  return { record, expr, read: recorded(record, owner), ...(mayBeEmpty !== undefined && { mayBeEmpty }) };
}

export interface Alert {
  readonly alert: `Tintype${string}`;
  readonly severity: Severity;
  /** How long the expression must hold. */
  readonly for: Duration;
  /** How long the alert goes on when the expression holds no more, so that what comes and goes is one alert. */
  readonly keepFiringFor?: Duration;
  readonly expr: Pick<Vector<string>, 'print'>;
  /** What is wrong, in one sentence. */
  readonly summary: string;
  /** The same with figures and names, as a template of Prometheus. */
  readonly seen: string;
  /** Where to look, or what to do. */
  readonly response: string;
  /** While one of these fires for the same namespace, this says nothing new. */
  readonly inhibitedBy?: readonly Inhibitor[];
  /** The dashboard that shows it. */
  readonly dashboard: `tintype-${'overview' | 'api' | 'queue' | 'processing' | 'dependencies' | 'webhooks'}`;
}

export interface Inhibitor {
  readonly alert: Alert['alert'];
  /** Labels besides the namespace that both must have alike. */
  readonly equal?: readonly string[];
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
  readonly interval?: Duration;
  readonly recordings: readonly Recording[];
  readonly alerts: readonly Alert[];
}

/** The rules of one release, recordings first: those of a group are evaluated one after the other. */
export function ruleGroup(
  { name, interval, recordings, alerts }: RuleDeclarations,
  release: Release,
  runbooks: string,
): RuleGroup {
  const place = inRelease(release);
  return {
    name,
    ...(interval && { interval }),
    rules: [
      ...recordings.map(({ record, expr, labels }) => ({
        record,
        expr: expr.print(place),
        ...(labels && { labels: labels(release) }),
      })),
      ...alerts.map((rule) => ({
        alert: rule.alert,
        expr: rule.expr.print(place),
        for: rule.for,
        ...(rule.keepFiringFor && { keep_firing_for: rule.keepFiringFor }),
        labels: { severity: rule.severity },
        annotations: {
          summary: rule.summary,
          description: `${rule.seen} ${rule.response}`,
          runbook_url: runbookOf(rule.alert, runbooks),
          dashboard: `/d/${rule.dashboard}?var-namespace={{ $labels.namespace }}`,
        },
      })),
    ],
  };
}
