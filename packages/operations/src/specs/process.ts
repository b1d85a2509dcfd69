/** Makes one output in the way a job does, for examples. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceKey } from '../define.js';
import { defaultLimits } from '../limits.js';
import { Output, references } from '../output.js';
import { type OutputResult, run } from '../run/index.js';

type Completed = Extract<OutputResult, { status: 'completed' }>;
export type MadeImage = Extract<Completed, { kind: 'image' }> & { readonly data: Buffer };

/** `second` is the picture behind every reference. */
export async function madeImage(source: Buffer, output: object, second?: Buffer): Promise<MadeImage> {
  return inDirectory(async (directory) => {
    const result = await completed(directory, source, output, second);
    if (result.kind !== 'image') throw new Error('expected an image');
    return { ...result, data: await readFile(result.path) };
  });
}

export async function foundValue(source: Buffer, output: object): Promise<unknown> {
  return inDirectory(async (directory) => {
    const result = await completed(directory, source, output);
    if (result.kind !== 'analysis') throw new Error('expected an analysis');
    return result.value;
  });
}

async function completed(directory: string, source: Buffer, output: object, second?: Buffer): Promise<Completed> {
  const file = join(directory, 'source');
  await writeFile(file, source);
  const secondFile = join(directory, 'second');
  if (second) await writeFile(secondFile, second);

  const outputs = [Output.parse({ name: 'example', ...output })];
  const images = Object.fromEntries(references(outputs).map((reference) => [referenceKey(reference), secondFile]));
  const results: OutputResult[] = [];
  await run({ source: file, images, outputs, directory, limits: defaultLimits }, (event) => {
    if (event.type === 'output') results.push(event.result);
  });
  const [result] = results;
  if (result?.status !== 'completed') throw new Error(`not completed: ${JSON.stringify(result)}`);
  return result;
}

async function inDirectory<Result>(work: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'example-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
