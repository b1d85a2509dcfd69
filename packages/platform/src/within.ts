import { setTimeout as delay } from 'node:timers/promises';

/** Settles as `work` does, or rejects once `timeoutMs` are over. The work itself goes on. */
export async function within<Result>(timeoutMs: number, work: Promise<Result>): Promise<Result> {
  const timer = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`It took longer than ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    timeout.catch(() => {});
    timer.abort();
  }
}
