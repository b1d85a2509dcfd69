/** Decides which outputs of a job share one decoded, shrunk picture, and which are made from the file on their own. */
import type { Size } from './define.js';
import type { InputFormat } from './limits.js';
import { type ScaledSize, scaledSize } from './operations/resize.js';
import { encodingOf, type Output } from './output.js';
import { analysisOf, type AnyOperation, formatOf, type Operation, operationOf } from './registry.js';

/** What the header of a source tells. */
export interface SourceFacts {
  readonly format: InputFormat;
  /** Of a frame in pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Frames of an animation, 1 for everything else. */
  readonly pages: number;
  /** 1–8, as EXIF counts; 1 is upright. */
  readonly orientation: number;
  readonly hasAlpha: boolean;
  readonly channels: number;
  /** Type of a sample as libvips calls it: `uchar`, `ushort` … */
  readonly depth: string;
  readonly progressive: boolean;
  /** Colour space as libvips calls it: `srgb`, `b-w`, `cmyk`, `rgb16` … */
  readonly space: string;
  /** Whether it brings a colour profile. */
  readonly hasProfile: boolean;
}

/** An operation of an output with its definition at hand. */
export interface Step {
  readonly definition: AnyOperation;
  readonly options: Operation;
}

/** The picture that several outputs start from: decoded once, upright, of exactly the size that the largest of them needs. */
export interface Intermediate {
  readonly size: ScaledSize;
  readonly frames: number;
}

/** A part of a picture, in pixels. */
export interface Area extends Size {
  readonly left: number;
  readonly top: number;
}

export interface OutputPlan {
  readonly output: Output;
  readonly from: 'intermediate' | 'file';
  /** The part of the intermediate that becomes the output, where that is not all of it: see `areaFor`. */
  readonly area?: Area;
  /** How many frames the result has, unless only its pixels can tell. */
  readonly frames: number;
  /** Whether the picture is turned upright by its EXIF orientation before the first operation. */
  readonly upright: boolean;
  readonly steps: readonly Step[];
}

export interface Plan {
  readonly intermediate?: Intermediate;
  /** In the order of the job's outputs. */
  readonly outputs: readonly OutputPlan[];
}

/**
 * Outputs that shrink the picture derive from one intermediate: decoding is most of the work, and a decoder that may shrink on its
 * way does less of it. All sizes are computed from the source: from the intermediate they could round to a pixel more or less.
 *
 * The intermediate always is the size of one of its outputs, which then needs no second resampling. A larger one would not be
 * cheaper to decode: of a JPEG sharp skips the step of the decoder's scaling that would just fit (4000 → 1600 decodes in full,
 * 7360 → 1600 at a half), so that only a smaller one would gain, which could not serve the largest output.
 */
export function planJob(source: SourceFacts, outputs: readonly Output[]): Plan {
  const drafts = outputs.map((output) => draftOf(source, output));
  const size = intermediateSize(drafts);
  const plans = drafts.map(({ needs, plan }): OutputPlan => {
    if (!needs || !size || !derives(needs, size)) return { ...plan, from: 'file' };
    const area = plan.frames === 1 ? areaFor(needs, size, source) : undefined;
    return { ...plan, from: 'intermediate', ...(area && { area }) };
  });
  if (!size) return { outputs: plans };
  const frames = Math.max(...plans.filter(({ from }) => from === 'intermediate').map((plan) => plan.frames));
  return { intermediate: { size, frames }, outputs: plans };
}

interface Draft {
  readonly plan: Omit<OutputPlan, 'from'>;
  /** The size at which the picture may arrive without a loss for this output; undefined where it must be the source's own. */
  readonly needs: ScaledSize | undefined;
  /** Whether operations come before the shrinking, which cost less on fewer pixels. */
  readonly worksBefore: boolean;
}

function draftOf(source: SourceFacts, output: Output): Draft {
  const steps = output.operations.map(stepOf);
  const frames = framesOf(source, output, steps);
  const upright = opensUpright(output.operations);
  // sharp turns an animation as the one column of frames that it then is: so it is turned frame by frame, by operations.
  const turns = upright && frames > 1 ? turnsOf(source.orientation) : [];
  if (turns.length > 0)
    return { plan: { output, frames, upright: false, steps: [...turns, ...steps] }, needs: undefined, worksBefore: false };
  const plan = { output, frames, upright, steps };

  const shrinking = steps.findIndex(({ options }) => options.operation === 'resize');
  const before = shrinking === -1 ? steps : steps.slice(0, shrinking);
  const needs =
    upright && keepsPixelsOnly(output) && before.every(commutes) ? neededSize(source, output, steps[shrinking]) : undefined;
  return { plan, needs, worksBefore: before.length > 0 };
}

/** A picture is opened upright unless its pipeline begins by refusing it. */
function opensUpright([first]: readonly Operation[]): boolean {
  return first?.operation !== 'autoOrient' || first.enabled;
}

function stepOf(options: Operation): Step {
  return { definition: operationOf(options.operation), options };
}

/** What turns upright a picture of an EXIF orientation. */
function turnsOf(orientation: number): Step[] {
  const turned = (angle: number): Operation => ({ operation: 'rotate', angle, background: '#000000' });
  const flop: Operation = { operation: 'flop' };
  const flip: Operation = { operation: 'flip' };
  const turns: readonly (readonly Operation[])[] = [
    [flop],
    [turned(180)],
    [flip],
    [flop, turned(270)],
    [turned(90)],
    [flop, turned(90)],
    [turned(270)],
  ];
  return (turns[orientation - 2] ?? []).map(stepOf);
}

function framesOf(source: SourceFacts, output: Output, steps: readonly Step[]): number {
  if ('analysis' in output) return 1;
  const animates =
    formatOf(encodingOf(output, source.format).format).canAnimate &&
    steps.every(({ definition }) => definition.frames !== 'first');
  return animates ? source.pages : 1;
}

/** EXIF and IPTC only travel with the file itself. */
function keepsPixelsOnly(output: Output): boolean {
  return 'analysis' in output ? analysisOf(output.analysis).of === 'pixels' : output.metadata !== 'keep';
}

function commutes({ definition }: Step): boolean {
  return definition.commutesWithShrink;
}

function neededSize(source: SourceFacts, output: Output, resize: Step | undefined): ScaledSize | undefined {
  const needed = resize ? sizeForResize(source, resize.options) : sizeForAnalysis(source, output);
  if (!needed || needed.width > source.width || needed.height > source.height) return undefined;
  return needed.width < source.width || needed.height < source.height ? needed : undefined;
}

function sizeForResize(source: Size, options: Operation): ScaledSize | undefined {
  // Other kernels are chosen for their look, which only shows when they are the only one.
  if (options.operation !== 'resize' || options.kernel !== 'lanczos3') return undefined;
  return scaledSize(source, options);
}

function sizeForAnalysis(source: Size, output: Output): ScaledSize | undefined {
  if (!('analysis' in output)) return undefined;
  const { commutesWithShrink, minSide } = analysisOf(output.analysis);
  if (!commutesWithShrink || minSide === undefined) return undefined;
  const shrink = Math.max(source.width, source.height) / minSide;
  return shrink > 1
    ? { width: Math.ceil(source.width / shrink), height: Math.ceil(source.height / shrink), by: 'both' }
    : undefined;
}

function intermediateSize(drafts: readonly Draft[]): ScaledSize | undefined {
  const candidates = drafts.filter((draft): draft is Draft & { needs: ScaledSize } => draft.needs !== undefined);
  const [largest] = candidates
    .map(({ needs }) => needs)
    .toSorted((one, other) => other.width * other.height - one.width * one.height);
  if (!largest) return undefined;
  const deriving = candidates.filter(({ needs }) => derives(needs, largest));
  return deriving.length > 1 || deriving.some(({ worksBefore }) => worksBefore) ? largest : undefined;
}

/**
 * Up to which part of the intermediate's size it loses nothing that shows: measured against resampling the full picture, results
 * up to here come at least as close as those of a decoder that shrinks (48–54 dB); nearer to 1, resampling twice blurs.
 */
const largestRatio = 0.8;

function derives(needs: Size, from: Size): boolean {
  return fits(needs.width, from.width) && fits(needs.height, from.height);
}

function fits(needed: number, available: number): boolean {
  return needed === available || needed <= available * largestRatio;
}

/**
 * A picture that is scaled by the factor of one side is not cut exactly at its end on the other: a height of 133.5 becomes 133, and
 * half a row is left over. Stretching the intermediate to the last row would move everything by up to half a pixel against what a
 * resize of the source shows; so the same rows are left out here, of the intermediate.
 */
function areaFor(needs: ScaledSize, intermediate: ScaledSize, source: Size): Area | undefined {
  const left = margin('width', needs, intermediate, source);
  const top = margin('height', needs, intermediate, source);
  if (left === 0 && top === 0) return undefined;
  return { left, top, width: intermediate.width - 2 * left, height: intermediate.height - 2 * top };
}

/** What is left out at both ends, in whole pixels of the intermediate. */
function margin(side: 'width' | 'height', needs: ScaledSize, intermediate: ScaledSize, source: Size): number {
  const wanted = (shown(side, needs, source) / shown(side, intermediate, source)) * intermediate[side];
  return Math.max(0, Math.round((intermediate[side] - wanted) / 2));
}

/** How much of the source's side a scaled picture shows, in pixels of the source. */
function shown(side: 'width' | 'height', scaled: ScaledSize, source: Size): number {
  return scaled.by === 'both' ? source[side] : scaled[side] * (source[scaled.by] / scaled[scaled.by]);
}
