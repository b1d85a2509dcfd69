import { Logger } from '@nestjs/common';
import { eventually } from '@tintype/testing';
import { Loop, type LoopOptions } from './loop.js';

const hour = 3_600_000;

let loop: Loop;
afterEach(() => loop.stop());

function started(
  round: (signal: AbortSignal) => Promise<boolean>,
  { logger = new Logger(), onFailure = () => {} }: Partial<Pick<LoopOptions, 'logger' | 'onFailure'>> = {},
): Loop {
  loop = new Loop({ name: 'spec', everyMs: hour, round, onFailure, logger });
  loop.start();
  return loop;
}

test('goes on at once while there is more to do', async () => {
  let rounds = 0;
  started(async () => ++rounds < 5);
  await eventually(() => rounds === 5);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(rounds).toBe(5);
});

test('goes on when it is woken, in its pause and before', async () => {
  let rounds = 0;
  const release: (() => void)[] = [];
  started(async () => {
    rounds += 1;
    await new Promise<void>((resolve) => release.push(resolve));
    return false;
  });
  await eventually(() => release.length === 1);
  loop.wake();
  release[0]?.();
  await eventually(() => rounds === 2);
  release[1]?.();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(rounds).toBe(2);
  loop.wake();
  await eventually(() => rounds === 3);
  release[2]?.();
});

test('goes on after a failure, tells of each, and logs the first of several and the end of them', async () => {
  const logger = new Logger();
  const lines: string[] = [];
  jest.spyOn(logger, 'error').mockImplementation((message: string) => void lines.push(message));
  jest.spyOn(logger, 'log').mockImplementation((message: string) => void lines.push(message));
  let [rounds, failures] = [0, 0];
  const onFailure = () => void (failures += 1);
  started(
    async () => {
      rounds += 1;
      if (rounds < 4) throw new Error('no');
      return false;
    },
    { logger, onFailure },
  );
  for (let round = 2; round <= 4; round++) {
    await eventually(() => rounds === round - 1);
    loop.wake();
  }
  await eventually(() => lines.length === 2);
  expect(lines).toEqual(['loop fails and goes on trying', 'loop works again']);
  expect(failures).toBe(3);
});

test('stops when the round under way has ended, which its signal tells to end: that is no failure', async () => {
  let [ended, failed] = [false, false];
  const onFailure = () => void (failed = true);
  started(
    async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended = true;
      throw new Error('aborted');
    },
    { onFailure },
  );
  await loop.stop();
  expect({ ended, failed }).toEqual({ ended: true, failed: false });
});
