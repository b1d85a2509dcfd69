import { setTimeout as sleep } from 'node:timers/promises';

/** Finished work waits for the database for as long as a failover may take; if the lease expires meanwhile it was in vain. */
export const recordPatienceMs = 120_000;

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Repeats a statement that can be repeated while the database is restarting, failing over or out of reach, for up to
 * `patienceMs`. What the database refuses for its content is refused again, so that error comes at once.
 */
export async function patiently<Result>(patienceMs: number, statement: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + patienceMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await statement();
    } catch (error) {
      if (isRefusal(error) || performance.now() + pauseMs > giveUpAt) throw error;
      await sleep(pauseMs);
    }
  }
}

/** SQLSTATE classes 22 (data), 23 (integrity), 42 (syntax or access rule) and P0 (raised by a trigger). */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22|23|42|P0)...$/.test(String(error.code));
}
