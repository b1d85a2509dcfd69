import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobDocument } from '@tintype/jobs';
import type { Benchmark } from './benchmark.js';
import { picture } from './pictures.js';
import { quantile } from './rounds.js';
import { backends, backendTitles, Stack } from './stack.js';

const job = JSON.stringify({ outputs: [{ name: 'small', operations: [{ operation: 'resize', width: 32 }] }] });

export const pickup: Benchmark = {
  name: 'pickup',
  title: 'From the request to the start of the work',
  how: `Jobs sent one by one, with their picture, to an API and a worker that have nothing else to do: the time from sending the request until a worker
has claimed the job, by the clock of this machine.`,
  columns: ['wakes by', 'p50', 'p95'],
  async *rows({ quick, progress }) {
    for (const backend of backends) {
      progress(backendTitles[backend]);
      const stack = await Stack.open(backend);
      try {
        const [{ url }] = await Promise.all([stack.api(), stack.worker()]);
        const waits = await measure(stack, url, quick ? 5 : 100);
        const [p50, p95] = [0.5, 0.95].map((part) => `${quantile(waits, part).toFixed(0)} ms`);
        yield [backendTitles[backend], p50 ?? '', p95 ?? ''];
      } finally {
        await stack.close();
      }
    }
  },
};

/** In milliseconds; without the first few, in which everything warms up. */
async function measure(stack: Stack, url: string, count: number): Promise<number[]> {
  const file = new Blob([await readFile(await picture('tiny.png'))]);
  const waits: number[] = [];
  for (let sample = -5; sample < count; sample += 1) {
    const form = new FormData();
    form.set('file', file, 'tiny.png');
    form.set('job', job);
    const sentAt = performance.timeOrigin + performance.now();
    const response = await fetch(`${url}/v1/jobs`, { method: 'POST', body: form });
    const { id } = (await response.json()) as JobDocument;
    await stack.untilFinished([id]);
    const [row] = await stack.dataSource.query<{ started: number }[]>(
      'select extract(epoch from started_at)::float8 * 1000 as started from job where id = $1',
      [id],
    );
    if (row && sample >= 0) waits.push(row.started - sentAt);
    // Not in step with anything that looks around regularly.
    await sleep(200 + Math.random() * 300);
  }
  return waits;
}
