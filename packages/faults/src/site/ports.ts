import { freePort } from '@tintype/embedded';
import { randomInt } from 'node:crypto';

/**
 * A port that stays free while its server is down: from below those that the operating system gives to outgoing connections, one
 * of which could otherwise take it.
 */
export function lastingPort(): Promise<number> {
  return freePort(randomInt(10_000, 30_000));
}
