/** What is changed in the services, so that their own clocks keep up with the rules', and so that some things more can break. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Change, shortLeases } from '@tintype/faults';

/** How long a lease holds, where 30 s would be half a second of the rules. */
export const leaseSeconds = 3;

/** Between two rounds, where minutes would be seconds of the rules. */
const shortRounds: readonly Change[] = [
  { file: 'services/worker/dist/upkeep/retention-loop.js', text: 'everyMs = 60_000;', by: 'everyMs = 1_000;' },
  { file: 'services/worker/dist/upkeep/orphan-loop.js', text: 'lookEveryMs = 10 * 60_000;', by: 'lookEveryMs = 1_000;' },
  { file: 'packages/platform/dist/health/readiness.js', text: 'lookEveryMs = 5000;', by: 'lookEveryMs = 500;' },
  { file: 'packages/platform/dist/health/readiness.js', text: 'probedEveryMs = 6000;', by: 'probedEveryMs = 600;' },
];

/** What the part of an API that sends webhooks may be in: it `hangs`, or keeps the process `busy`. */
export type Mood = 'hangs' | 'busy';

/** Has the directory of the files that say so while they exist. */
export const moodVariable = 'TINTYPE_WATCHED_MOODS';

/** Has the address of a package.json that a process takes for its own. */
export const packageVariable = 'TINTYPE_WATCHED_PACKAGE';

export function moodFiles(directory: string): Readonly<Record<Mood, string>> {
  return { hangs: join(directory, 'hangs'), busy: join(directory, 'busy') };
}

export const changes: readonly Change[] = [
  ...shortLeases(leaseSeconds),
  ...shortRounds,
  {
    file: 'services/api/dist/version.js',
    text: `new URL('../package.json'`,
    by: `new URL(process.env[${JSON.stringify(packageVariable)}] ?? '../package.json'`,
  },
  {
    file: 'services/api/dist/webhooks/webhook-sender.js',
    text: 'async look() {',
    by: `async look() { if (await (await import(${JSON.stringify(import.meta.url)})).isKept()) return false;`,
  },
];

/** Short enough for a scrape to get through. */
const busyMs = 40;

/** Asked by the sender before each look for something to send: whether it must not. */
export async function isKept(): Promise<boolean> {
  const files = moodFiles(process.env[moodVariable] ?? '');
  while (existsSync(files.busy)) {
    for (const until = performance.now() + busyMs; performance.now() < until;);
    await nextTurn();
  }
  return existsSync(files.hangs);
}
