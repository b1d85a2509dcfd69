/** Carries out the operations of an output, in the order written, with as few sharp pipelines as that order allows. */
import type { Sharp } from 'sharp';
import { type OperationContext, type Size, type Stage, stages } from '../define.js';
import { ImageError } from '../image-error.js';
import type { ImageLimits } from '../limits.js';
import type { Step } from '../plan.js';
import { asImageError } from './faults.js';
import { materialise, type Picture, rawPicture } from './picture.js';

/** A sharp pipeline in the making. */
export interface Pipeline {
  readonly image: Sharp;
  /** Of a frame at its end; undefined where only the pixels can tell. */
  readonly size: Size | undefined;
  readonly frames: number;
  readonly gray: boolean;
  readonly profiled: boolean;
  readonly tagged: boolean;
  readonly shrunk: boolean;
  /** Where it starts. */
  readonly from: Picture;
  /** What it does so far. */
  readonly stages: readonly (Stage | 'own')[];
}

export interface Surroundings extends Pick<OperationContext, 'image' | 'open'> {
  readonly limits: Pick<ImageLimits, 'outputPixels' | 'outputSide'>;
}

/** Resolves with the last pipeline, still to be run: encoding joins it. */
export async function applySteps(start: Picture, steps: readonly Step[], surroundings: Surroundings): Promise<Pipeline> {
  let pipeline = startAt(start);
  for (const step of steps) {
    // Done on opening.
    if (step.definition.stage === 'orient') continue;
    if (pipeline.frames > 1 && step.definition.frames === 'separately') {
      pipeline = startAt(await applyToEachFrame(await finish(pipeline), step, surroundings));
      continue;
    }
    if (!canJoin(pipeline, step)) pipeline = startAt(await finish(pipeline));
    pipeline = await append(pipeline, step, surroundings);
  }
  return pipeline;
}

export function startAt(from: Picture): Pipeline {
  const { size, frames, gray, profiled, tagged, shrunk, state } = from;
  return {
    image: from.open(),
    size,
    frames,
    gray,
    profiled,
    tagged,
    shrunk,
    from,
    stages: state === 'turning' ? ['orient'] : [],
  };
}

/** Runs the pipeline: its result in memory. */
export async function finish(pipeline: Pipeline): Promise<Picture> {
  if (pipeline.stages.length === 0 && pipeline.from.state === 'pixels') return pipeline.from;
  return materialise(pipeline.image, pipeline);
}

function canJoin(pipeline: Pipeline, step: Step): boolean {
  const { stage } = step.definition;
  if (stage === 'own') return pipeline.stages.length === 0;
  if (pipeline.size === undefined) return false;
  const last = pipeline.stages.at(-1);
  if (last === undefined) return true;
  // sharp looks for the borders before it turns the picture, and takes their colour from the corner that is then top left.
  if (last === 'own' || (last === 'orient' && stage === 'trim')) return false;
  // What became gray on the way has to become sRGB again first, for which a pipeline must start.
  if (pipeline.gray && bringsColour(step)) return false;
  return stages.indexOf(stage) > stages.indexOf(last);
}

async function append(pipeline: Pipeline, step: Step, surroundings: Surroundings): Promise<Pipeline> {
  const before = pipeline.size ?? pipeline.from.size;
  const size = sizeAfter(step, before, pipeline.frames, surroundings.limits);
  const colours = bringsColour(step);
  const image = pipeline.gray && colours ? pipeline.image.pipelineColourspace('srgb') : pipeline.image;
  return {
    ...pipeline,
    image: await apply(step, image, contextOf(surroundings, pipeline, before)),
    size,
    gray: step.definition.stage === 'toColourspace' || (pipeline.gray && !colours),
    shrunk: pipeline.shrunk && step.options.operation !== 'resize',
    stages: [...pipeline.stages, step.definition.stage],
  };
}

async function applyToEachFrame(picture: Picture, step: Step, surroundings: Surroundings): Promise<Picture> {
  const size = sizeAfter(step, picture.size, picture.frames, surroundings.limits);

  const pixels: Buffer[] = [];
  let first: { width: number; height: number; channels: 1 | 2 | 3 | 4 } | undefined;
  for (let frame = 0; frame < picture.frames; frame += 1) {
    const image = picture.gray ? picture.open(frame).pipelineColourspace('srgb') : picture.open(frame);
    const applied = await apply(step, image, contextOf(surroundings, { ...picture, frames: 1 }, picture.size));
    const { data, info } = await applied.toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    first ??= info;
    if (info.width !== first.width || info.height !== first.height) {
      throw new ImageError('invalid_operation', `${step.definition.id} gives the frames of this animation different sizes`);
    }
    pixels.push(data);
  }
  if (!first) throw new Error('an animation without frames');
  return rawPicture(Buffer.concat(pixels), { width: first.width, height: first.height }, first.channels, {
    frames: picture.frames,
    size,
    shrunk: picture.shrunk,
  });
}

async function apply({ definition, options }: Step, image: Sharp, context: OperationContext): Promise<Sharp> {
  try {
    return await definition.apply(image, options, context);
  } catch (error) {
    const fault = asImageError(error);
    const readsImages = definition.images?.(options).length ?? 0;
    if (!readsImages || !(fault instanceof ImageError)) throw fault;
    throw new ImageError('invalid_operation', `The image that ${definition.id} reads cannot be used: ${fault.detail}`);
  }
}

function contextOf(
  { image, open }: Surroundings,
  { frames, shrunk }: Pick<Pipeline, 'frames' | 'shrunk'>,
  size: Size,
): OperationContext {
  return { size, frames, shrunk, image, open };
}

/** Stages that can leave colours in a picture that was gray. */
const colouringStages: ReadonlySet<Stage | 'own'> = new Set(['flatten', 'extend', 'composite', 'tint', 'own']);

function bringsColour({ definition, options }: Step): boolean {
  return colouringStages.has(definition.stage) || (options.operation === 'resize' && options.fit === 'contain');
}

/** Refuses what an operation would make too large; the source has limits of its own. */
function sizeAfter(
  { definition, options }: Step,
  before: Size,
  frames: number,
  limits: Surroundings['limits'],
): Size | undefined {
  const size = definition.size(before, options);
  if (size && (size.width !== before.width || size.height !== before.height)) checkSize(size, frames, limits);
  return size;
}

/** Refuses a size before the work for it is done. */
export function checkSize({ width, height }: Size, frames: number, limits: Surroundings['limits']): void {
  if (Math.max(width, height) > limits.outputSide) {
    throw new ImageError('output_limit_exceeded', `${width}×${height} pixels: a side may have ${limits.outputSide} at most`);
  }
  if (width * height * frames > limits.outputPixels) {
    const shape = frames > 1 ? `${width}×${height} pixels in ${frames} frames` : `${width}×${height} pixels`;
    throw new ImageError('output_limit_exceeded', `${shape}: ${limits.outputPixels} pixels are allowed at most`);
  }
}
