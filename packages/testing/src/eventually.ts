import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default: 10 000. */
  readonly timeoutMs?: number;
  /** Default: 25. */
  readonly everyMs?: number;
}

/**
 * Repeats a check until it neither throws nor answers `undefined` or `false`, and resolves with its answer. After the time limit
 * it rejects with the check's last error, so a failing `expect` inside reads as usual.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 25 }: EventuallyOptions = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const answer = await check();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) {
      if (last instanceof Error) throw last;
      throw new Error(`Not so within ${timeoutMs} ms`, { cause: last });
    }
    await sleep(everyMs);
  }
}
