import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredFile } from '@tintype/jobs';
import sharp from 'sharp';
import type { Benchmark } from './benchmark.js';
import { Crew } from './loop.js';
import { benchDirectory } from './paths.js';
import { describe, picture, type PictureName } from './pictures.js';
import { alternate, type Comparison, rate, ratioWithRange } from './rounds.js';
import { backends, backendTitles, concurrency, Stack } from './stack.js';
import { works, type Work, type WorkName } from './work.js';

const sources: readonly PictureName[] = ['1mp.jpg', '12mp.jpg'];
const tasks: Readonly<Record<string, WorkName>> = { 'grayscale to JPEG': 'grayscale', 'resize to 800 as JPEG': 'resize' };

export const worker: Benchmark = {
  name: 'worker',
  title: 'A whole worker',
  how: `Jobs of one output by a worker process (wake, claim, children, durable storage, result in PostgreSQL), against a loop of plain sharp
that reads the same path and writes a file, ${concurrency} at a time on both sides; both write the same bytes, which is checked. The jobs are there
before the worker starts. Its rate is taken between two finishes by the clock of the database, without the first and the last few, while all its
children are busy. PostgreSQL runs on the same processors, with fsync.`,
  columns: ['wakes by', 'source', 'job', 'sharp, jobs/s', 'worker, jobs/s', 'ratio', 'goal'],
  async *rows({ rounds, seconds, progress }) {
    for (const backend of backends) {
      const stack = await Stack.open(backend);
      try {
        for (const source of sources) {
          const file = await stack.store(await picture(source));
          for (const [task, name] of Object.entries(tasks)) {
            const about = [backendTitles[backend], await describe(source), task];
            const result = await contest({ stack, file, source, name, rounds, seconds }, (text) =>
              progress(`${about.join(', ')}, ${text}`),
            );
            yield [...about, rate(result.theirs), rate(result.ours), ratioWithRange(result), '≥ 0.97'];
          }
        }
      } finally {
        await stack.close();
      }
    }
  },
};

interface Setting {
  readonly stack: Stack;
  readonly file: StoredFile;
  readonly source: PictureName;
  readonly name: WorkName;
  readonly rounds: number;
  readonly seconds: number;
}

async function contest(
  { stack, file, source, name, rounds, seconds }: Setting,
  progress: (text: string) => void,
): Promise<Comparison> {
  const directory = await mkdtemp(join(benchDirectory, 'worker-'));
  const path = await picture(source);
  const bare = await Crew.of(concurrency, 'image-loop', 'sharp', name, path, directory);
  try {
    const wanted = Math.ceil((await bare.rate(1)) * seconds);
    return await alternate({
      rounds,
      ours: () => workerRate(stack, file, works[name], wanted, path),
      theirs: () => bare.rate(seconds),
      progress,
    });
  } finally {
    await bare.end();
    await rm(directory, { recursive: true });
  }
}

/** In the first jobs the children warm up, during the last ones some of them idle: `measured` jobs between these count. */
async function workerRate(
  stack: Stack,
  source: StoredFile,
  work: readonly Work[],
  measured: number,
  path: string,
): Promise<number> {
  const { intake } = stack;
  const [before, after] = [2 * concurrency, concurrency];
  const ids: string[] = [];
  for (let job = 0; job < before + measured + after; job += 1) {
    ids.push((await intake.create({ source, outputs: work.map(({ output }) => output) })).id);
  }
  const service = await stack.worker();
  await stack.untilFinished(ids);
  await service.stop();
  await checkBytes(stack, ids, work, path);

  const rows = await stack.dataSource.query<{ seconds: number }[]>(
    `select extract(epoch from finished_at)::float8 as seconds from job where id = any($1) order by finished_at`,
    [ids],
  );
  const [first, last] = [rows[before - 1], rows[before + measured - 1]];
  if (!first || !last) throw new Error('jobs are missing');
  return measured / (last.seconds - first.seconds);
}

/** A difference would mean that one of the two did more than the other. */
async function checkBytes(stack: Stack, ids: readonly string[], work: readonly Work[], path: string): Promise<void> {
  const rows = await stack.dataSource.query<{ sha256: string }[]>(
    'select distinct position, sha256 from output where job_id = any($1) order by position',
    [ids],
  );
  const bare = await Promise.all(work.map(({ shape, encode }) => encode(shape(sharp(path))).toBuffer()));
  const hashes = bare.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  if (rows.map(({ sha256 }) => sha256).join() !== hashes.join()) throw new Error('The worker and sharp make different files');
}
