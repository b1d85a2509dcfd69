/** A storage on a bad day: loaded into the services, and told by a file how bad it is. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from './change.js';

export interface Weather {
  /** That part of the operations fails. */
  readonly failing: number;
  /** Each takes so much longer. */
  readonly delayMs: number;
  /** That part of the files that are read breaks off in the middle. Only over a network. */
  readonly breakingOff: number;
}

export const fair: Weather = { failing: 0, delayMs: 0, breakingOff: 0 };

/** Has the path of a file with the Weather of now. */
export const weatherVariable = 'TINTYPE_FAULTS_WEATHER';

/** Of the driver for file systems: whatever goes through `attempt` meets the weather. */
export const underWeather: readonly Change[] = [
  {
    file: 'packages/storage/dist/errors.js',
    text: 'return await operation();',
    by: `await (await import(${JSON.stringify(import.meta.url)})).endure(); return await operation();`,
  },
];

/** Called before each operation. */
export async function endure(): Promise<void> {
  const { failing, delayMs } = JSON.parse(readFileSync(process.env[weatherVariable] ?? '', 'utf8')) as Weather;
  if (delayMs > 0) await sleep(delayMs);
  if (Math.random() < failing) throw Object.assign(new Error('a bad day'), { code: 'EIO' });
}
