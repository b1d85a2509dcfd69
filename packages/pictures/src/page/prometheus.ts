/** The HTTP API of Prometheus, as far as dashboards need it. */
import { prometheusPath } from './picture.js';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** By time. NaN is a sample like others. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly value: number;
}

type Point = readonly [seconds: number, value: string];

interface Answer {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data?: unknown;
}

/** @param start Seconds since 1970, as is `end`; `step` is in seconds. @throws {Error} with the words of Prometheus */
export async function queryRange(query: string, start: number, end: number, step: number): Promise<Series[]> {
  return seriesOf(await ask('query_range', { query, start: String(start), end: String(end), step: String(step) }));
}

/** @param time Seconds since 1970. @throws {Error} with the words of Prometheus */
export async function queryInstant(query: string, time: number): Promise<Series[]> {
  return seriesOf(await ask('query', { query, time: String(time) }));
}

/** @param start Seconds since 1970, as is `end`. @throws {Error} with the words of Prometheus */
export async function labelValues(label: string, selector: string, start: number, end: number): Promise<string[]> {
  const parameters = { 'match[]': selector, start: String(start), end: String(end) };
  return (await ask(`label/${encodeURIComponent(label)}/values`, parameters)) as string[];
}

async function ask(endpoint: string, parameters: Record<string, string>): Promise<unknown> {
  const response = await fetch(`${prometheusPath}/api/v1/${endpoint}?${new URLSearchParams(parameters)}`);
  const answer = (await response.json()) as Answer;
  if (answer.status !== 'success') throw new Error(answer.error ?? `Prometheus answers ${response.status}`);
  return answer.data;
}

function seriesOf(data: unknown): Series[] {
  const { resultType, result } = data as { resultType: string; result: unknown };
  if (resultType === 'scalar') return [{ labels: {}, samples: [sampleOf(result as Point)] }];
  const all = result as readonly { metric: Record<string, string>; value?: Point; values?: Point[] }[];
  return all.map(({ metric, value, values = value ? [value] : [] }) => ({ labels: metric, samples: values.map(sampleOf) }));
}

function sampleOf([seconds, value]: Point): Sample {
  return { time: seconds * 1000, value: numberOf(value) };
}

function numberOf(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}
