/** The cluster's Prometheus, asked through the API server: nothing has to be forwarded. */
import { eventually } from '@tintype/testing';
import { kubectl } from './cluster.js';

const address = '/api/v1/namespaces/monitoring/services/http:prometheus-operated:9090/proxy/api/v1';

/** As packages/kind/values/kube-prometheus-stack.yaml has it. */
export const scrapeIntervalSeconds = 15;

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Target {
  readonly scrapePool: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly type: 'alerting' | 'recording';
  readonly name: string;
  readonly query: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

/** The samples of an instant query; a scalar is one without labels. Rejects with what Prometheus has against the query. */
export async function query(expression: string): Promise<Sample[]> {
  const { resultType, result } = await ask<QueryResult>(`query?query=${encodeURIComponent(expression)}`);
  if (resultType === 'scalar') return [{ metric: {}, value: Number(result[1]) }];
  return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

type QueryResult =
  | { readonly resultType: 'scalar'; readonly result: readonly [time: number, value: string] }
  | {
      readonly resultType: 'vector';
      readonly result: readonly { readonly metric: Sample['metric']; readonly value: readonly [time: number, value: string] }[];
    };

/** How many expressions one request asks for: each takes a program that is started for it. */
const together = 15;

/** Those of the expressions that have no sample, or NaN alone: a line that is not drawn. */
export async function withoutData<T extends { readonly expr: string }>(all: readonly T[]): Promise<T[]> {
  const found = new Set<T>();
  for (let first = 0; first < all.length; first += together) {
    const some = all.slice(first, first + together);
    const counts = some.map(({ expr }, index) => `label_replace(count((${expr}) >= -Inf), "index", "${index}", "", "")`);
    for (const { metric } of await query(counts.join(' or '))) {
      const one = some[Number(metric['index'])];
      if (one) found.add(one);
    }
  }
  return all.filter((one) => !found.has(one));
}

/** Whether a target says what a metric is about, be there series of it or not. */
export async function isDescribed(metric: string): Promise<boolean> {
  return metric in (await ask<Record<string, unknown>>(`metadata?metric=${encodeURIComponent(metric)}`));
}

/** All values that an expression has between two points in time (Unix seconds); an infinite one is NaN. */
export async function valuesBetween(expression: string, from: number, to: number): Promise<number[]> {
  const range = { start: String(from), end: String(to), step: String(scrapeIntervalSeconds) };
  const { result } = await ask<RangeResult>(`query_range?${new URLSearchParams({ query: expression, ...range })}`);
  return result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
}

interface RangeResult {
  readonly result: readonly { readonly values: readonly (readonly [time: number, value: string])[] }[];
}

export async function targets(): Promise<readonly Target[]> {
  return (await ask<{ activeTargets: Target[] }>('targets?state=active')).activeTargets;
}

export async function ruleGroups(): Promise<readonly RuleGroup[]> {
  return (await ask<{ groups: RuleGroup[] }>('rules')).groups;
}

/**
 * The series that an expression reads, as selectors. Of labels whose values come into being with the first event of their kind, such
 * as the status code of an answer, they ask nothing.
 */
export async function selectorsOf(expression: string): Promise<string[]> {
  const tree = await ask<unknown>(`parse_query?query=${encodeURIComponent(expression)}`);
  return [...new Set(selectorsIn(tree))];
}

interface Matcher {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

const openLabels = new Set(['status_code', 'route', 'metric']);

function selectorsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  if ('matchers' in node) {
    const matchers = (node.matchers as Matcher[]).filter(({ name }) => !openLabels.has(name));
    return [`{${matchers.map(({ name, type, value }) => `${name}${type}${JSON.stringify(value)}`).join(',')}}`];
  }
  return Object.values(node).flatMap(selectorsIn);
}

/** Resolves when Prometheus has read these pods since now, so that its counters hold all that has happened. */
export async function scraped(pods: readonly string[]): Promise<void> {
  // A worker counts right after the job has ended for its client.
  const [now] = await query('time() + 1');
  await eventually(
    async () => {
      const read = await query(`timestamp(up{pod=~"${pods.join('|')}"}) > ${now?.value}`);
      if (read.length < pods.length) throw new Error(`Of ${pods.join(', ')} Prometheus has since read ${names(read)}`);
      return true;
    },
    { timeoutMs: 90_000, everyMs: 1_000 },
  );
}

function names(samples: readonly Sample[]): string {
  return samples.map(({ metric }) => metric['pod']).join(', ') || 'none';
}

async function ask<T>(path: string): Promise<T> {
  const { data } = JSON.parse(await kubectl('get', '--raw', `${address}/${path}`)) as { data: T };
  return data;
}
