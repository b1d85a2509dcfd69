import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultLimits } from '@tintype/operations';
import { run } from '@tintype/operations/run';
import sharp, { type Sharp } from 'sharp';
import type { Benchmark } from './benchmark.js';
import { benchDirectory } from './paths.js';
import { describe, picture, type PictureName } from './pictures.js';
import { works } from './work.js';

const sources: readonly PictureName[] = ['36mp.jpg', '12mp.png', '12mp-progressive.jpg', '12mp.jpg'];

export const fidelity: Benchmark = {
  name: 'fidelity',
  title: 'How close the variants come to the picture',
  how: `Peak signal-to-noise ratio (PSNR, in dB; more is closer) of the files of those five outputs, against the full-resolution pixels resized: the
source is decoded in full to raw pixels first, so that no decoder shrinks it. Each cell says sharp → Tintype.`,
  columns: ['source', ...works.variants.map(({ output }) => output.name), 'least difference', 'goal'],
  async *rows({ progress }) {
    for (const source of sources) {
      const title = await describe(source);
      progress(title);
      const pairs = await compare(await picture(source));
      const least = Math.min(...pairs.map(({ sharp: theirs, tintype }) => tintype - theirs));
      const cells = pairs.map(({ sharp: theirs, tintype }) => `${theirs.toFixed(1)} → ${tintype.toFixed(1)}`);
      yield [title, ...cells, `${least < 0 ? '−' : '+'}${Math.abs(least).toFixed(2)}`, '≥ 0'];
    }
  },
};

interface Pair {
  readonly sharp: number;
  readonly tintype: number;
}

async function compare(path: string): Promise<Pair[]> {
  const directory = await mkdtemp(join(benchDirectory, 'fidelity-'));
  try {
    const outputs = works.variants.map(({ output }) => output);
    await run({ source: path, images: {}, outputs, directory, limits: defaultLimits }, () => undefined);
    const full = await sharp(path).raw().toBuffer({ resolveWithObject: true });
    const pairs: Pair[] = [];
    for (const [index, { shape, encode }] of works.variants.entries()) {
      const wanted = await pixelsOf(shape(sharp(full.data, { raw: full.info })));
      const bare = await encode(shape(sharp(path))).toBuffer();
      pairs.push({
        sharp: psnr(wanted, await pixelsOf(sharp(bare))),
        tintype: psnr(wanted, await pixelsOf(sharp(join(directory, `${index}`)))),
      });
    }
    return pairs;
  } finally {
    await rm(directory, { recursive: true });
  }
}

function pixelsOf(image: Sharp): Promise<Buffer> {
  return image.raw().toBuffer();
}

function psnr(one: Buffer, other: Buffer): number {
  if (one.length !== other.length) throw new Error('pictures of different sizes');
  let squares = 0;
  for (const [index, sample] of one.entries()) squares += (sample - other.readUInt8(index)) ** 2;
  return 10 * Math.log10(255 ** 2 / (squares / one.length));
}
