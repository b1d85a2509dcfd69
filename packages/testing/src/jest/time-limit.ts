/**
 * The runner knows no time limit: a test that hangs would hang them all, without a word about which. This gives every test and
 * hook one. A test sets its own as usual: `test(title, work, timeoutMs)`.
 */
import type { Circus } from '@jest/types';
import { addEventHandler } from 'jest-circus';

const defaultLimitMs = 90_000;

addEventHandler((event, { currentDescribeBlock: block }) => {
  if (event.name === 'add_test') {
    const added = block.children.at(-1);
    if (added?.type === 'test') added.fn = limited(added.fn, event.timeout);
  }
  if (event.name === 'add_hook') {
    const added = block.hooks.at(-1);
    if (added) added.fn = limited(added.fn, event.timeout);
  }
});

function limited(work: Circus.TestFn, limitMs = defaultLimitMs): Circus.TestFn {
  return async () => {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Not done within ${limitMs} ms`)), limitMs);
    });
    try {
      await Promise.race([(work as () => unknown)(), expired]);
    } finally {
      clearTimeout(timer);
    }
  };
}
