import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobDocument } from '@tintype/jobs';
import type { Benchmark } from './benchmark.js';
import { picture, type PictureName } from './pictures.js';
import { quantile } from './rounds.js';
import { backends, Stack } from './stack.js';

const sources: readonly PictureName[] = ['tiny.png', '1mp.jpg'];
const operations = [{ operation: 'resize', width: 32 }];
const outputs = ['jpeg', 'png', 'webp'].map((format) => ({ name: format, format, operations }));

/** As Prometheus asks. */
const headers = {
  accept: 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1',
  'accept-encoding': 'gzip',
};

export const scrape: Benchmark = {
  name: 'scrape',
  title: 'A scrape',
  how: `The time of \`GET /metrics\` after calm work (jobs with pictures of several formats, through the API), asked for as Prometheus does, and how many
samples come with it. What is read only then is part of it: how much waits in the database, and the memory of the image processes.`,
  columns: ['service', 'samples', 'goal', 'p50', 'p95', 'goal'],
  async *rows({ quick, progress }) {
    const stack = await Stack.open(backends.at(-1) ?? 'postgres');
    try {
      const [api, worker] = await Promise.all([stack.api(), stack.worker()]);
      for (let job = 0; job < (quick ? 2 : 100); job += 1) await work(api.url, sources[job % sources.length] ?? 'tiny.png');
      for (const [title, { url }] of Object.entries({ API: api, worker })) {
        progress(title);
        const { samples, times } = await measure(`${url}/metrics`, quick ? 5 : 200);
        const [p50, p95] = [0.5, 0.95].map((part) => `${quantile(times, part).toFixed(1)} ms`);
        yield [title, String(samples), '≤ 300', p50 ?? '', p95 ?? '', '≤ 20 ms'];
      }
    } finally {
      await stack.close();
    }
  },
};

async function work(url: string, source: PictureName): Promise<void> {
  const form = new FormData();
  form.set('file', new Blob([await readFile(await picture(source))]), source);
  form.set('job', JSON.stringify({ outputs }));
  const response = await fetch(`${url}/v1/jobs`, { method: 'POST', body: form, headers: { prefer: 'wait=10' } });
  const { status } = (await response.json()) as JobDocument;
  if (status !== 'completed') throw new Error(`the job is ${status}`);
}

/** In milliseconds; without the first few, in which everything warms up. */
async function measure(url: string, count: number): Promise<{ readonly samples: number; readonly times: readonly number[] }> {
  const times: number[] = [];
  let text = '';
  for (let scrapes = -5; scrapes < count; scrapes += 1) {
    const begun = performance.now();
    text = await (await fetch(url, { headers })).text();
    if (scrapes >= 0) times.push(performance.now() - begun);
    // Not in step with anything that looks around regularly.
    await sleep(20 + Math.random() * 60);
  }
  return { samples: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length, times };
}
