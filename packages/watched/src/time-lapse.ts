/**
 * Rules whose time goes faster. An alert waits for minutes, so that nobody is called for a hiccup; to see it arrive takes as long. With
 * every duration divided by the same factor a minute of the rule passes in a second, and everything else of it stays as it ships: names,
 * matchers, limits. So it is with limits that are seconds of the services' own, such as how long a job may have waited.
 */
import type { RuleGroup } from '@tintype/monitoring';
import { withDurations } from './promql.js';

/** A rate takes a few scrapes, however short the time that it stands for. */
const leastWindowSeconds = 4;
const units = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 } as const;

/** The rules, `factor` times as fast. */
export function lapsed(groups: readonly RuleGroup[], factor: number): object[] {
  return groups.map(({ name, interval, rules }) => ({
    name,
    ...(interval && { interval: lapsedDuration(interval, factor) }),
    rules: rules.map((rule) => {
      const windowed = withDurations(rule.expr, (text) => lapsedDuration(text, factor, leastWindowSeconds));
      const expr = lapsedSeconds(windowed, factor, interval);
      if (!('alert' in rule)) return { ...rule, expr };
      const { keep_firing_for: keep } = rule;
      return {
        ...rule,
        expr,
        for: lapsedDuration(rule.for, factor),
        ...(keep && { keep_firing_for: lapsedDuration(keep, factor) }),
      };
    }),
  }));
}

/** `10m` by 60 is `10000ms`. */
export function lapsedDuration(duration: string, factor: number, leastSeconds = 0): string {
  return `${Math.round(Math.max(secondsOf(duration) / factor, leastSeconds) * 1_000)}ms`;
}

/** Of a duration as Prometheus writes it: `1h30m`. */
export function secondsOf(duration: string): number {
  return [...duration.matchAll(/([\d.]+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units],
    0,
  );
}

/**
 * Two kinds of numbers are durations as well: how long ago something may be by the clock, `time() - x > 3600`, and the time between two
 * evaluations that makes a number of events of a sum of rates, `sum_over_time(…) * 30`.
 */
function lapsedSeconds(expression: string, factor: number, interval: string | undefined): string {
  const byClock = expression.includes('time() - ')
    ? expression.replaceAll(/> (\d{3,})\b/g, (_, seconds: string) => `> ${Number(seconds) / factor}`)
    : expression;
  if (!interval) return byClock;
  const seconds = secondsOf(interval);
  return byClock.replaceAll(new RegExp(`\\* ${seconds}\\b`, 'g'), `* ${seconds / factor}`);
}
