/** One job: reads the source once where outputs can share it, and makes them one after the other. */
import { join } from 'node:path';
import type { ImageReference } from '../define.js';
import { referenceKey } from '../image-reference.js';
import { ImageError, type ImageErrorCode } from '../image-error.js';
import type { ImageLimits } from '../limits.js';
import { type Output, references } from '../output.js';
import { type OutputPlan, type Plan, planJob, type SourceFacts } from '../plan.js';
import { analysisOf } from '../registry.js';
import { encode, type Encoded, wantsProfile } from './encode.js';
import { guarded } from './faults.js';
import { type Header, readHeader } from './header.js';
import { firstFrame, partOf, type Picture } from './picture.js';
import { applySteps, checkSize, finish, type Surroundings } from './pipeline.js';
import { opener } from './prepare.js';
import { decodeShrunk, openSource } from './source.js';

export interface RunRequest {
  /** Path of the source. */
  readonly source: string;
  /** Paths of second images, by `referenceKey`. */
  readonly images: Readonly<Record<string, string>>;
  readonly outputs: readonly Output[];
  /** An existing directory; the image of an output is written to a file in it that has its index as name. */
  readonly directory: string;
  /** Whether the files are to be on disk, and not only with the kernel, when their outputs are reported. */
  readonly sync?: boolean;
  readonly limits: ImageLimits;
}

export type RunEvent =
  | { readonly type: 'source'; readonly source: SourceFacts }
  | { readonly type: 'output'; readonly index: number; readonly result: OutputResult };

export type OutputResult =
  | (Encoded & { readonly status: 'completed'; readonly kind: 'image'; readonly path: string; readonly stages: Stages })
  | { readonly status: 'completed'; readonly kind: 'analysis'; readonly value: unknown; readonly stages: Stages }
  | { readonly status: 'failed'; readonly code: ImageErrorCode; readonly detail: string; readonly stages: Stages };

/**
 * Where the time of an output went, in milliseconds. libvips decodes, transforms and encodes in one go where it can: what shares a
 * pipeline with a later stage counts there. Reading headers counts nowhere.
 */
export interface Stages {
  /** Shrinking the shared picture: of the first output that derives from it, 0 for the others. */
  readonly decodeMs: number;
  /** Pipelines before the last; of an analysis, and of an output that failed, all that was done for it. */
  readonly transformMs: number;
  /** The last pipeline, and writing the file. */
  readonly encodeMs: number;
}

/**
 * Makes the outputs of a job and reports each when it is done. An output that fails by its own fault does not stop the others.
 * Rejects with an ImageError when the source is at fault, and with other errors when the machine is.
 */
export async function run(request: RunRequest, onEvent: (event: RunEvent) => void): Promise<void> {
  const header = await readHeader(request.source, request.limits);
  onEvent({ type: 'source', source: header.facts });

  const plan = planJob(header.facts, request.outputs);
  const shared = await decodeShared(request, header, plan);
  // One after the other: the cores are kept busy by the other processes of the worker, and the memory of one output is enough.
  for (const [index, output] of plan.outputs.entries()) {
    const result = await makeOutput({ request, header, index, plan: output, shared });
    onEvent({ type: 'output', index, result });
  }
}

interface Shared {
  readonly picture: Picture;
  readonly decodeMs: number;
  /** Index of the output that has the decoding in its account. */
  readonly accountedTo: number;
}

interface OutputJob {
  readonly request: RunRequest;
  readonly header: Header;
  readonly index: number;
  readonly plan: OutputPlan;
  readonly shared: Shared | undefined;
}

async function decodeShared({ source, limits }: RunRequest, { facts }: Header, plan: Plan): Promise<Shared | undefined> {
  const { intermediate } = plan;
  if (!intermediate) return undefined;
  const started = performance.now();
  const profiled = plan.outputs.some(({ from, output }) => from === 'intermediate' && wantsProfile(output, facts));
  const picture = openSource(source, facts, limits, { frames: intermediate.frames, upright: true, profiled, tagged: false });
  const decoded = await guarded(() => decodeShrunk(picture, intermediate));
  const accountedTo = plan.outputs.findIndex(({ from }) => from === 'intermediate');
  return { picture: decoded, decodeMs: performance.now() - started, accountedTo };
}

async function makeOutput(job: OutputJob): Promise<OutputResult> {
  const started = performance.now();
  try {
    return await guarded(() => carryOut(job));
  } catch (error) {
    // Nothing but the source can be damaged here: the faults of second images are those of the operation that reads them.
    if (!(error instanceof ImageError) || error.code === 'corrupt_image') throw error;
    const stages = { decodeMs: decodeMsOf(job), transformMs: performance.now() - started, encodeMs: 0 };
    return { status: 'failed', code: error.code, detail: error.detail, stages };
  }
}

/** The first output that derives from the shared picture has its decoding in its account. */
function decodeMsOf({ shared, index }: OutputJob): number {
  return shared?.accountedTo === index ? shared.decodeMs : 0;
}

async function carryOut(job: OutputJob): Promise<OutputResult> {
  const { request, header, index, plan } = job;
  const { output } = plan;
  await checkImages(output, request);
  const surroundings = surroundingsOf(request);
  const start = startOf(job);

  const started = performance.now();
  const pipeline = await applySteps(start, plan.steps, surroundings);
  if (pipeline.size) checkSize(pipeline.size, pipeline.frames, request.limits);
  const decodeMs = decodeMsOf(job);
  if ('analysis' in output) {
    const picture = plan.steps.length === 0 ? start : await finish(pipeline);
    const value = await analysisOf(output.analysis).analyse(picture.open(), surroundings);
    const stages = { decodeMs, transformMs: performance.now() - started, encodeMs: 0 };
    return { status: 'completed', kind: 'analysis', value, stages };
  }
  const transformed = performance.now();
  const path = join(request.directory, `${index}`);
  const encoded = await encode(pipeline, output, header, { path, sync: request.sync ?? false });
  const stages = { decodeMs, transformMs: transformed - started, encodeMs: performance.now() - transformed };
  return { status: 'completed', kind: 'image', path, ...encoded, stages };
}

function startOf({ request, header: { facts }, plan, shared }: OutputJob): Picture {
  const { output } = plan;
  if (plan.from === 'intermediate' && shared) {
    const picture = plan.frames < shared.picture.frames ? firstFrame(shared.picture) : shared.picture;
    return plan.area ? partOf(picture, plan.area) : picture;
  }
  const tagged = !('analysis' in output) && output.metadata === 'keep';
  return openSource(request.source, facts, request.limits, { ...plan, profiled: wantsProfile(output, facts), tagged });
}

function surroundingsOf({ images, limits }: Pick<RunRequest, 'images' | 'limits'>): Surroundings {
  return { limits, image: (reference) => fileOf(reference, images), open: opener(limits) };
}

function fileOf(reference: ImageReference, images: RunRequest['images']): string {
  const path = images[referenceKey(reference)];
  if (path === undefined) throw new Error(`no file was given for the image ${referenceKey(reference)}`);
  return path;
}

/** Second images are strangers' files too. */
async function checkImages(output: Output, { images, limits }: RunRequest): Promise<void> {
  for (const reference of references([output])) {
    try {
      await readHeader(fileOf(reference, images), limits);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      throw new ImageError('invalid_operation', `The image that an operation reads cannot be used: ${error.detail}`);
    }
  }
}
