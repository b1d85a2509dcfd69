import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobDocument } from '@tintype/jobs';
import { insertFinishedJobs } from '@tintype/jobs/testing';
import type { Benchmark } from './benchmark.js';
import { JobLoop } from './job-loop.js';
import { benchDirectory } from './paths.js';
import { picture } from './pictures.js';
import { comparisonOf, quantile, ratioWithRange, type Comparison, type Pair } from './rounds.js';
import { backends, Stack } from './stack.js';

const [few, many] = [10_000, 1_000_000];
/** Of more than a gigabyte, while it runs. */
const directory = join(benchDirectory, 'history');

export const history: Benchmark = {
  name: 'history',
  title: 'After a million jobs',
  how: `What a job takes in a database with ${many.toLocaleString('en')} finished jobs (with their outputs, inputs, history and webhooks), against one with
${few.toLocaleString('en')}. Two whole installations stand side by side and get one job each in turn, so that what else the machine does slows both. The first row is
the database's part alone: create, claim, report twice, complete. The second is all of it: from sending the request, with a picture and \`Prefer: wait\`, to
having its answer.`,
  columns: ['p95 of', `${few.toLocaleString('en')} jobs`, `${many.toLocaleString('en')} jobs`, 'ratio', 'goal'],
  async *rows({ quick, rounds, progress }) {
    const [large, small] = await Promise.all([open(quick ? 2 * few : many, 'many'), open(few, 'few')]);
    try {
      const samples = quick ? 5 : 200;
      progress('the database alone');
      const alone = await compare(rounds, 2 * samples, { ours: statements(large), theirs: statements(small) });
      yield row('the statements of a job', alone, '');
      progress('all of it');
      const all = await compare(rounds, samples, { ours: await requests(large), theirs: await requests(small) });
      yield row('request to result', all, '≤ 1.1');
    } finally {
      await Promise.all([large.close(), small.close()]);
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function open(count: number, name: string): Promise<Stack> {
  const stack = await Stack.open(backends.at(-1) ?? 'postgres', join(directory, name));
  await insertFinishedJobs(stack.dataSource, count);
  return stack;
}

function row(what: string, comparison: Comparison, goal: string): string[] {
  const [small, large] = [comparison.theirs, comparison.ours].map((ms) => `${ms.toFixed(1)} ms`);
  return [what, small ?? '', large ?? '', ratioWithRange(comparison), goal];
}

type Work = () => Promise<void>;

/** Compares 95th percentiles, in milliseconds. */
async function compare(
  rounds: number,
  samples: number,
  works: { readonly ours: Work; readonly theirs: Work },
): Promise<Comparison> {
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const times: Record<keyof typeof works, number[]> = { ours: [], theirs: [] };
    // Without the first few, in which everything warms up.
    for (let sample = -5; sample < samples; sample += 1) {
      for (const whose of sample % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)) {
        const time = await timeOf(works[whose]);
        if (sample >= 0) times[whose].push(time);
      }
    }
    pairs.push({ ours: quantile(times.ours, 0.95), theirs: quantile(times.theirs, 0.95) });
  }
  return comparisonOf(pairs);
}

async function timeOf(work: Work): Promise<number> {
  // Not in step with anything that looks around regularly.
  await sleep(Math.random() * 20);
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function statements({ dataSource }: Stack): Work {
  const loop = new JobLoop(dataSource);
  return async () => {
    await loop.create();
    const job = await loop.claim();
    if (!job) throw new Error('no job is due');
    await loop.complete(job, false);
  };
}

/** Starts API and worker. */
async function requests(stack: Stack): Promise<Work> {
  const [{ url }] = await Promise.all([stack.api(), stack.worker()]);
  const file = new Blob([await readFile(await picture('tiny.png'))]);
  const request = JSON.stringify({ outputs: [{ name: 'small', operations: [{ operation: 'resize', width: 32 }] }] });
  return async () => {
    const form = new FormData();
    form.set('file', file, 'tiny.png');
    form.set('job', request);
    const response = await fetch(`${url}/v1/jobs`, { method: 'POST', body: form, headers: { prefer: 'wait=10' } });
    const { status } = (await response.json()) as JobDocument;
    if (status !== 'completed') throw new Error(`the job is ${status}`);
  };
}
