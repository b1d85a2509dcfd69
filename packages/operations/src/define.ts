/**
 * What an operation, a format and an analysis are. Each is one file in its folder, and the folder is the registry: request
 * validation, types, OpenAPI, `GET /v1/operations`, metric labels, the reference table and the tests all derive from it.
 */
import type { Metadata, Raw, Sharp, SharpOptions } from 'sharp';
import { z } from 'zod';
import type { ImageReference } from './image-reference.js';

export { ImageReference, referenceKey } from './image-reference.js';

/** Width and height in pixels of one frame, upright. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The order in which several operations may share one sharp pipeline. Within a pipeline sharp 0.35 works in an order of its own,
 * whatever order its calls were made in (src/pipeline.cc); the runner therefore lets operations share a pipeline only while their
 * stages ascend, and starts another from the pixels otherwise. So a pipeline does what its author wrote, in the order written.
 *
 * The list is sharp's order less the stages that would surprise, which are `own`:
 * - rotate: a resize, trim or extract in the same pipeline moves it to the front, and the crop of a resize works after it;
 * - median, threshold, recomb and modulate: beside a resize, blur or sharpen they would see premultiplied colours;
 * - gamma: split by sharp into one half before and one half after the resize.
 */
export const stages = [
  'orient',
  'trim',
  'extractBeforeResize',
  'flatten',
  'flip',
  'flop',
  'resize',
  'extend',
  'blur',
  'sharpen',
  'composite',
  'normalise',
  'tint',
  /** Turns to gray at the very end; before it is in force, an extension or a tint still has its colours. */
  'toColourspace',
  'negate',
] as const;
export type Stage = (typeof stages)[number];

/** What `apply` may use beside the image and its options. */
export interface OperationContext {
  /**
   * The size of a frame as it arrives at this operation, computed from the source by `size()`: also where the planner had the
   * source decoded smaller, so that a target computed from it never rounds one pixel off.
   */
  readonly size: Size;
  /** Whether the source was decoded smaller, so that the image has fewer pixels than `size` says. */
  readonly shrunk: boolean;
  /** How many frames the image holds in this call; 1 for a still, and for an animation that passes frame by frame. */
  readonly frames: number;
  /** The file of a second image, by reference. */
  image(reference: ImageReference): string;
  /** Opens a file, encoded bytes, raw pixels, a plain colour or a text as an image, with the limits and loaders that the source had. */
  open(input: string | Buffer | Pick<SharpOptions, 'create' | 'text'>, raw?: Raw): Sharp;
}

export type Pixel = readonly [number, number, number] | readonly [number, number, number, number];

/** A sample picture of the test suite: `photo` 96×64 RGB, `icon` 64×64 RGBA, `animation` 48×32 in 4 frames. */
export type Sample = 'photo' | 'icon' | 'animation';

/** Documents an operation and is executed as its test. */
export type OperationExample<Options> = { readonly title: string; readonly options: Options } & (
  | {
      /** A plain 8×8 image of one colour goes in … */ readonly pixel: Pixel;
      /** … and this colour comes out. */ readonly becomes: Pixel;
    }
  | {
      readonly sample: Sample;
      /** The size of the result (compared exactly); its pixels are compared with a stored golden image, with a tolerance. */
      readonly size: Size;
    }
);

export interface OperationDefinition<Id extends string, Shape extends z.ZodRawShape> {
  /** Also the file's and the export's name, and the value of the metric label `action`. */
  readonly id: Id;
  readonly title: string;
  /** One or two sentences for the reference and for API users. */
  readonly description: string;
  /** Options lie flat beside `"operation": id` in the request. Every option carries a description; numbers have bounds. */
  readonly options: Shape;
  /** Where sharp runs it, or `own` for an operation that needs a pipeline of its own. */
  readonly stage: Stage | 'own';
  /**
   * How an animation passes: `together` sharp does all frames in one call, `separately` the runner calls it frame by frame,
   * `first` the animation ends here with its first frame.
   */
  readonly frames: 'together' | 'separately' | 'first';
  /** Whether shrinking before it gives the same picture as after it: then the planner may decode smaller. */
  readonly commutesWithShrink: boolean;
  /** The size of a frame after it; undefined where only the pixels tell. May throw an ImageError for an impossible one. */
  size(before: Size, options: z.output<z.ZodObject<Shape>>): Size | undefined;
  /** Second images that it reads. */
  images?(options: z.output<z.ZodObject<Shape>>): readonly ImageReference[];
  /** A rule over several options, as zod's superRefine. */
  check?(options: z.output<z.ZodObject<Shape>>, context: z.RefinementCtx): void;
  /** Pure: image in, image out; anything from outside comes through the context. */
  apply(image: Sharp, options: z.output<z.ZodObject<Shape>>, context: OperationContext): Sharp | Promise<Sharp>;
  readonly examples: readonly [OperationExample<z.input<z.ZodObject<Shape>>>, ...OperationExample<z.input<z.ZodObject<Shape>>>[]];
}

/** What `defineOperation` makes: the definition and the schema of a step, `{"operation": id, …options}`. */
export interface OperationModule<Id extends string, Shape extends z.ZodRawShape> extends OperationDefinition<Id, Shape> {
  readonly step: z.ZodObject<{ operation: z.ZodLiteral<Id> } & Shape, z.core.$strict>;
}

export function defineOperation<const Id extends string, Shape extends z.ZodRawShape>(
  definition: OperationDefinition<Id, Shape>,
): OperationModule<Id, Shape> {
  const { id, title, description, options } = definition;
  const shape = { operation: z.literal(id).meta({ description: `\`${id}\`` }), ...options };
  const step = z.strictObject(shape) as OperationModule<Id, Shape>['step'];
  const checked = definition.check
    ? step.superRefine((value, context) => definition.check?.(value as z.output<z.ZodObject<Shape>>, context))
    : step;
  return { ...definition, step: checked.meta({ id: `${id}Operation`, title, description }) };
}

/** What an encoder may need from the source beside the pixels: the blocks that sharp's `metadata()` found in it. */
export type SourceMetadata = Pick<Metadata, 'exif' | 'iptc' | 'xmpAsString'>;

export interface FormatDefinition<Id extends string, Shape extends z.ZodRawShape> {
  /** Also the file's and the export's name, and sharp's word. */
  readonly id: Id;
  readonly title: string;
  readonly description: string;
  readonly mediaType: string;
  /** Of a file, without the dot. */
  readonly extension: string;
  /** Options lie flat beside `"format": id` in the output. Every option carries a description; numbers have bounds. */
  readonly options: Shape;
  readonly canAnimate: boolean;
  readonly canAlpha: boolean;
  /** The longest side in pixels that the format can hold. */
  readonly maxSide: number;
  /** Sets the encoder. */
  encode(image: Sharp, options: z.output<z.ZodObject<Shape>>): Sharp;
}

/** What `defineFormat` makes: the definition and the schema of `{"format": id, …options}`. */
export interface FormatModule<Id extends string, Shape extends z.ZodRawShape> extends FormatDefinition<Id, Shape> {
  readonly encoding: z.ZodObject<{ format: z.ZodLiteral<Id> } & Shape, z.core.$strict>;
}

export function defineFormat<const Id extends string, Shape extends z.ZodRawShape>(
  definition: FormatDefinition<Id, Shape>,
): FormatModule<Id, Shape> {
  const shape = { format: z.literal(definition.id).meta({ description: definition.description }), ...definition.options };
  return { ...definition, encoding: z.strictObject(shape) as FormatModule<Id, Shape>['encoding'] };
}

export interface AnalysisDefinition<Id extends string, Value extends z.ZodType> {
  /** Also the file's and the export's name. */
  readonly id: Id;
  readonly title: string;
  readonly description: string;
  /**
   * `source`: it tells about the file that came in, so its output takes no operations; `pixels`: about the picture after the
   * operations of its output.
   */
  readonly of: 'source' | 'pixels';
  /** Whether a smaller picture gives the same value: then the planner may decode smaller, down to `minSide`. */
  readonly commutesWithShrink: boolean;
  /** The longest side in pixels that it wants to see at least; it shrinks larger pictures itself. */
  readonly minSide?: number;
  /** The JSON value that it results in. */
  readonly value: Value;
  /** `image` was just opened: nothing but decoding (and turning upright) is pending in it. Of an animation, the first frame. */
  analyse(image: Sharp, context: Pick<OperationContext, 'open'>): Promise<z.output<Value>>;
  readonly examples: readonly [AnalysisExample<z.output<Value>>, ...AnalysisExample<z.output<Value>>[]];
}

/** Documents an analysis and is executed as its test. */
export interface AnalysisExample<Value> {
  readonly title: string;
  readonly sample: Sample;
  readonly value: Value;
}

export function defineAnalysis<const Id extends string, Value extends z.ZodType>(
  definition: AnalysisDefinition<Id, Value>,
): AnalysisDefinition<Id, Value> {
  return definition;
}
