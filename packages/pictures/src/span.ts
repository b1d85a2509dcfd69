/** How much a Prometheus knows: the span of time that a picture of it should show. */
export interface Span {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Seconds between two scrapes of a target. */
  readonly scrapeInterval: number;
}

const longestMilliseconds = 3_600_000;

/** From its first sample until now, an hour at most. @throws {Error} when it scrapes nothing */
export async function spanOf(prometheusUrl: string): Promise<Span> {
  const { activeTargets } = await ask<{ activeTargets: readonly { scrapeInterval: string }[] }>(
    prometheusUrl,
    'targets?state=active',
  );
  const { headStats } = await ask<{ headStats: { minTime: number } }>(prometheusUrl, 'status/tsdb');
  const intervals = activeTargets.map((target) => secondsOf(target.scrapeInterval));
  if (intervals.length === 0) throw new Error(`The Prometheus at ${prometheusUrl} scrapes nothing`);
  const to = Date.now();
  return { from: Math.max(headStats.minTime, to - longestMilliseconds), to, scrapeInterval: Math.max(...intervals) };
}

async function ask<T>(prometheusUrl: string, endpoint: string): Promise<T> {
  const response = await fetch(`${prometheusUrl}/api/v1/${endpoint}`);
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  if (status !== 'success') throw new Error(`Prometheus: ${error}`);
  return data;
}

/** Of a duration as Prometheus prints it: `1m30s`. */
function secondsOf(duration: string): number {
  const seconds = { ms: 0.001, s: 1, m: 60, h: 3600 };
  const parts = [...duration.matchAll(/(\d+)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * seconds[unit as keyof typeof seconds], 0);
}
