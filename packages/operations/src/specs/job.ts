/** Runs whole jobs on files that a spec makes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceKey } from '../define.js';
import { defaultLimits, type ImageLimits } from '../limits.js';
import { Output, references } from '../output.js';
import type { SourceFacts } from '../plan.js';
import { type OutputResult, run } from '../run/index.js';

export interface Job {
  readonly source: SourceFacts;
  readonly results: readonly OutputResult[];
  /** The bytes of each image, in the order of the outputs; undefined for the others. */
  readonly images: readonly (Buffer | undefined)[];
}

/** `second` is the picture behind every reference; outputs need no names. */
export async function runJob(
  source: Buffer,
  outputs: readonly object[],
  { limits = {}, second = source }: { limits?: Partial<ImageLimits>; second?: Buffer } = {},
): Promise<Job> {
  const directory = await mkdtemp(join(tmpdir(), 'job-'));
  try {
    const file = join(directory, 'source');
    const secondFile = join(directory, 'second');
    await Promise.all([writeFile(file, source), writeFile(secondFile, second)]);
    const parsed = outputs.map((output, index) => Output.parse({ name: `output${index}`, ...output }));
    const images = Object.fromEntries(references(parsed).map((reference) => [referenceKey(reference), secondFile]));

    let facts: SourceFacts | undefined;
    const results: OutputResult[] = [];
    await run({ source: file, images, outputs: parsed, directory, limits: { ...defaultLimits, ...limits } }, (event) => {
      if (event.type === 'source') facts = event.source;
      else results[event.index] = event.result;
    });
    if (!facts) throw new Error('the job did not tell about its source');
    const written = results.map((result) =>
      result.status === 'completed' && result.kind === 'image' ? readFile(result.path) : undefined,
    );
    return { source: facts, results, images: await Promise.all(written) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The image of a job with one output. */
export async function runOne(source: Buffer, output: object, options?: Parameters<typeof runJob>[2]): Promise<Buffer> {
  const { images, results } = await runJob(source, [output], options);
  if (!images[0]) throw new Error(`no image: ${JSON.stringify(results[0])}`);
  return images[0];
}
