/** What can be selected in PromQL, and what the compiler knows of it: a series' labels and the values that they may have. */
import type { Kind, Labels, LabelValues, Metric, Scope } from '@tintype/metrics';

/** Who exports a metric: the services, what watches their containers from outside, or Prometheus of its own rules. */
export type Exporter = Metric['owner'] | 'cluster' | 'rules';

/** A metric of the catalogue, or one of external.ts. */
export interface Series<
  L extends Labels = Labels,
  K extends Kind = Kind,
  S extends Scope = Scope,
  E extends Exporter = Exporter,
> extends Pick<Metric<L, K, S>, 'name' | 'kind' | 'labels' | 'scope'> {
  readonly owner: E;
}

/** Prometheus adds these to whatever a target exports; what others tell of a target says so itself. */
type TargetLabel<E extends Exporter> = E extends 'cluster' | 'rules' ? never : 'namespace' | 'job' | 'service' | 'pod';

export type LabelOf<M extends Series> = (keyof M['labels'] & string) | TargetLabel<M['owner']>;

/** Values other than a single one. */
export class Match<Value extends string> {
  declare protected readonly values: Value;

  constructor(
    readonly operator: '!=' | '=~' | '!~',
    readonly operand: string,
  ) {}
}

export function anyOf<const Value extends string>(...values: readonly Value[]): Match<Value> {
  return new Match('=~', values.map(literally).join('|'));
}

export function noneOf<const Value extends string>(...values: readonly Value[]): Match<Value> {
  return new Match('!~', values.map(literally).join('|'));
}

/** Only for labels whose values are open. */
export function like(expression: string): Match<string> {
  return new Match('=~', expression);
}

type Wanted<V extends LabelValues> = V extends readonly (infer Value extends string)[]
  ? Value | Match<Value>
  : string | Match<string>;

/** Which series of a metric are meant, by its own labels. */
export type Matchers<M extends Series> = keyof M['labels'] extends never
  ? { readonly [label: string]: never }
  : { readonly [Name in keyof M['labels']]?: Wanted<M['labels'][Name]> };

/** `status="failed"` */
export function matcherText(label: string, wanted: string | Match<string>): string {
  return wanted instanceof Match
    ? `${label}${wanted.operator}${JSON.stringify(wanted.operand)}`
    : `${label}=${JSON.stringify(wanted)}`;
}

function literally(value: string): string {
  return value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Where an expression stands decides whose series it reads: those of one release, or those that a dashboard's variables pick. */
export interface Place {
  /** The matchers of the labels that do not come from the metric itself; what a rule has recorded keeps only those of its release. */
  matchers(series: Pick<Series, 'owner' | 'scope'> & { readonly recorded?: true }): readonly string[];
}
