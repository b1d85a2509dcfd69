/** Whether anybody is called although nothing is wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Traffic } from './traffic/traffic.js';
import type { WatchedSite } from './watched-site.js';

export interface Calm {
  readonly minutes: number;
  readonly jobs: number;
  readonly requests: number;
  /** How many alerts there are that might have called somebody. */
  readonly rules: number;
  /** Alerts that fired, each once. */
  readonly fired: readonly string[];
  /** Alerts that held for a moment, and not long enough. */
  readonly pending: readonly string[];
  /** What people had to complain of. */
  readonly complaints: readonly string[];
}

/** People use the service for so long. Resolves with what was seen in that time. */
export async function calm({ prometheus, site }: WatchedSite, minutes: number): Promise<Calm> {
  // Whoever starts it waits for it to be up.
  const traffic = await Traffic.start(site, { people: 2 });
  await sleep(minutes * 60_000);
  await traffic.stop();
  const range = `${Math.ceil(minutes * 60)}s`;
  const alertsIn = async (state: 'pending' | 'firing'): Promise<string[]> => {
    const samples = await prometheus.query(`count by (alertname) (count_over_time(ALERTS{alertstate="${state}"}[${range}]))`);
    return samples.map(({ metric }) => metric['alertname'] ?? '').sort();
  };
  const total = async (counter: string): Promise<number> => {
    const [sample] = await prometheus.query(`sum(last_over_time(${counter}[${range}]))`);
    return Math.round(sample?.value ?? 0);
  };
  return {
    minutes,
    jobs: await total('jobs_created_total'),
    requests: await total('http_requests_total'),
    rules: (await prometheus.rules()).filter(({ type }) => type === 'alerting').length,
    fired: await alertsIn('firing'),
    pending: await alertsIn('pending'),
    complaints: traffic.complaints,
  };
}
