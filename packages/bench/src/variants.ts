import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.js';
import { Crew } from './loop.js';
import { benchDirectory } from './paths.js';
import { describe, picture, type PictureName } from './pictures.js';
import { alternate, rate, ratioWithRange } from './rounds.js';

const goals: Partial<Record<PictureName, string>> = { '36mp.jpg': '≥ 2.4', '12mp.png': '≥ 2.8', '12mp-progressive.jpg': '≥ 2.9' };
const sources: readonly PictureName[] = ['36mp.jpg', '12mp.png', '12mp-progressive.jpg', '12mp.jpg'];
const processes = availableParallelism() + 1;

export const variants: Benchmark = {
  name: 'variants',
  title: 'Five variants of one picture',
  how: `Five outputs of one job (1600 pixels wide as JPEG, 800 as JPEG, 400 and 200 as WebP, 64×64 cropped as JPEG, all of quality 80)
by the runner that the worker's children use, against five pipelines of plain sharp, \`sharp(path).resize(…).jpeg(…).toFile(…)\`, with
the same encoders and their settings. Both run in ${processes} processes at a time, one libvips thread each, cache off.`,
  columns: ['source', 'sharp, jobs/s', 'Tintype, jobs/s', 'ratio', 'goal'],
  async *rows({ rounds, seconds, progress }) {
    for (const source of sources) {
      const title = await describe(source);
      const directory = await mkdtemp(join(benchDirectory, 'variants-'));
      const start = async (how: string): Promise<Crew> =>
        Crew.of(processes, 'image-loop', how, 'variants', await picture(source), directory);
      const [ours, theirs] = [await start('tintype'), await start('sharp')];
      try {
        const result = await alternate({
          rounds,
          ours: () => ours.rate(seconds),
          theirs: () => theirs.rate(seconds),
          progress: (text) => progress(`${title}, ${text}`),
        });
        yield [title, rate(result.theirs), rate(result.ours), ratioWithRange(result), goals[source] ?? ''];
      } finally {
        await Promise.all([ours.end(), theirs.end()]);
        await rm(directory, { recursive: true });
      }
    }
  },
};
