import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark } from './benchmark.js';
import { picture } from './pictures.js';
import { familyBytes, peakBytes } from './process-memory.js';
import { median } from './rounds.js';
import { Stack } from './stack.js';
import { works } from './work.js';

const uploads = 50;

export const memory: Benchmark = {
  name: 'memory',
  title: 'Memory',
  how: `The API: its largest resident memory while it takes ${uploads} uploads of 20 MB at the same time. A worker: resident memory of its process and all
its children together, idle after 500 small jobs and idle after 10,000, pages that they share counted in each.`,
  columns: ['what', 'measured', 'goal'],
  async *rows({ quick, progress }) {
    const stack = await Stack.open('postgres');
    try {
      yield* apiRows(stack, quick ? 3 : uploads);
      yield* workerRows(stack, quick ? [20, 60] : [500, 10_000], progress);
    } finally {
      await stack.close();
    }
  },
};

async function* apiRows(stack: Stack, count: number): AsyncGenerator<readonly string[]> {
  const api = await stack.api();
  yield ['API, idle', megabytes(peakBytes(api.pid)), ''];
  const path = await picture('20mb.jpg');
  await Promise.all(Array.from({ length: count }, () => upload(`${api.url}/v1/uploads`, path)));
  yield [`API, peak with ${count} uploads of 20 MB at once`, megabytes(peakBytes(api.pid)), '≤ 256 MB'];
  await api.stop();
}

async function upload(url: string, path: string): Promise<void> {
  const sent = request(url, { method: 'POST', agent: false, headers: { 'content-type': 'image/jpeg' } });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    sent.once('response', (response) => resolve(response.resume().statusCode));
    sent.once('error', reject);
  });
  await pipeline(createReadStream(path), sent);
  const status = await answered;
  if (status !== 201) throw new Error(`An upload was answered with ${status}`);
}

async function* workerRows(
  stack: Stack,
  [few, many]: readonly [number, number],
  progress: (text: string) => void,
): AsyncGenerator<readonly string[]> {
  const source = await stack.store(await picture('tiny.png'));
  const worker = await stack.worker();
  const runJobs = async (count: number): Promise<number> => {
    for (let left = count; left > 0; left -= 500) {
      progress(`worker, ${left} small jobs to go`);
      const batch = Array.from({ length: Math.min(left, 500) }, () =>
        stack.intake.create({ source, outputs: works.thumbnail.map(({ output }) => output) }),
      );
      await stack.untilFinished((await Promise.all(batch)).map(({ id }) => id));
    }
    return idleBytes(worker.pid);
  };
  const before = await runJobs(few);
  const after = await runJobs(many - few);
  yield [`worker with its children, after ${few} jobs`, megabytes(before), ''];
  yield [`worker with its children, after ${many} jobs`, megabytes(after), ''];
  yield [`the second by the first`, (after / before).toFixed(2), '≤ 1.3'];
}

/** The median of some seconds, as collectors of garbage come and go. */
async function idleBytes(pid: number): Promise<number> {
  const samples: number[] = [];
  for (let sample = 0; sample < 10; sample += 1) {
    await sleep(300);
    samples.push(familyBytes(pid));
  }
  return median(samples);
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}
