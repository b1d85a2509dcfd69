/**
 * A child program for specs. It does what the name of the first output says, if that is one of the mischiefs below, and
 * otherwise what the real program does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageLimits } from '@tintype/operations';
import { prepareSharp, run } from '@tintype/operations/run';
import { serve } from '../children/serve.js';

const mischiefs: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  segfault: () => process.kill(process.pid, 'SIGSEGV'),
  sigkill: () => process.kill(process.pid, 'SIGKILL'),
  exit: () => {
    console.error('last words');
    process.exit(7);
  },
  spin: () => {
    for (;;);
  },
  hang: () => new Promise(() => undefined),
  swell: async () => {
    for (const held: Buffer[] = []; ; await sleep(5)) held.push(Buffer.alloc(32 * 2 ** 20, 1));
  },
  babble: () =>
    process.send?.({
      type: 'events',
      events: [{ type: 'output', index: 0, result: { status: 'completed', kind: 'image', path: '/etc/passwd' } }],
    }),
  full: () => {
    throw new Error('ENOSPC: no space left on device, write');
  },
  fault: () => {
    throw new Error('a bug');
  },
  // For those that look from outside.
  pid: () => tell(process.pid),
  environment: () => tell(Object.keys(process.env).sort()),
};

/** Has so many megabytes for a while, and is then as always. */
async function hold(megabytes: number): Promise<void> {
  const held: Buffer[] = [];
  while (process.memoryUsage.rss() < megabytes * 2 ** 20) held.push(Buffer.alloc(4 * 2 ** 20, 1));
  await sleep(2_000);
  held.length = 0;
}

const stages = { decodeMs: 0, transformMs: 1, encodeMs: 0 };

function tell(value: unknown): void {
  process.send?.({
    type: 'events',
    events: [{ type: 'output', index: 0, result: { status: 'completed', kind: 'analysis', value, stages } }],
  });
}

await prepareSharp(JSON.parse(process.argv[2] ?? '') as ImageLimits);
serve(async (request, onEvent) => {
  const name = request.outputs[0]?.name ?? '';
  const mischief = mischiefs[name];
  if (name === 'slow') await sleep(2_500);
  const held = /^hold(\d+)$/.exec(name)?.[1];
  if (held) await hold(Number(held));
  await (mischief ? mischief() : run(request, onEvent));
});
