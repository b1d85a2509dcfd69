/** `image-loop.js tintype|sharp WORK SOURCE DIRECTORY`: makes the files of a piece of work, over and over. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultLimits } from '@tintype/operations';
import { prepareSharp, run } from '@tintype/operations/run';
import sharp from 'sharp';
import { repeatOnDemand } from './loop.js';
import { works, type WorkName } from './work.js';

const [how, name, source = '', parent = ''] = process.argv.slice(2);
const work = works[name as WorkName];
const directory = await mkdtemp(join(parent, 'loop-'));
// For both: one thread for each picture, and no cache.
await prepareSharp(defaultLimits);

repeatOnDemand(how === 'sharp' ? bare : tintype);

async function bare(): Promise<void> {
  for (const [index, { shape, encode }] of work.entries()) await encode(shape(sharp(source))).toFile(join(directory, `${index}`));
}

async function tintype(): Promise<void> {
  const outputs = work.map(({ output }) => output);
  await run({ source, images: {}, outputs, directory, limits: defaultLimits }, (event) => {
    if (event.type === 'output' && event.result.status === 'failed') throw new Error(event.result.detail);
  });
}
