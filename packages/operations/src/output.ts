/** What a client may ask for as one output of a job, and the form in which a job stores it. */
import { z } from 'zod';
import { type ImageReference, referenceKey } from './define.js';
import { formatEncodings } from './formats/index.generated.js';
import { metadataOptions } from './metadata-policy.js';
import { hasKey, pickedUnion } from './picked-union.js';
import {
  analysisIds,
  analysisOf,
  Encoding,
  type FormatId,
  formatOf,
  Operation,
  type OperationId,
  operationIds,
  operationOf,
} from './registry.js';

export const maxOperations = 20;

/** Names of outputs appear in URLs and in the keys of the storage. */
export const OutputName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/, 'Expected 1 to 64 letters, digits, - or _, beginning with a letter or digit')
  .meta({ description: 'Name of the output, unique in its job' });

export const Pipeline = z
  .array(Operation)
  .max(maxOperations)
  .superRefine((steps, context) => {
    for (const [index, { operation }] of steps.entries()) {
      if (index === 0 || operationOf(operation).stage !== 'orient') continue;
      context.addIssue({
        code: 'custom',
        path: [index, 'operation'],
        message: `Expected ${operation} only as the first operation`,
      });
    }
  })
  .default([])
  .meta({ description: `Up to ${maxOperations} operations, in the order in which they are carried out` });

/** The schemas `{"format": id, …options}` of all formats, each with further keys. */
export function encodingsWith<Extra extends z.ZodRawShape>(extra: Extra): EachWith<typeof formatEncodings, Extra> {
  const shape = { ...metadataOptions, ...extra };
  return formatEncodings.map((encoding) => z.strictObject({ ...shape, ...encoding.shape })) as never;
}
/** Mapped member by member: the inferred types of a tuple survive that, those of an array do not. */
type EachWith<Encodings extends readonly z.ZodObject[], Extra> = {
  readonly [Index in keyof Encodings]: z.ZodObject<Extra & typeof metadataOptions & Encodings[Index]['shape'], z.core.$strict>;
};

/** Keys beside a pipeline where no format is named: that of the source is used. */
export const sourceEncoding = {
  quality: z.int().min(1).max(100).optional().meta({ description: 'Quality, for formats of the source that have one' }),
  ...metadataOptions,
};

const pipeline = { name: OutputName, operations: Pipeline };

const FormattedOutput = z.discriminatedUnion('format', encodingsWith(pipeline));

const SourceFormatOutput = z
  .strictObject({ ...pipeline, ...sourceEncoding })
  .meta({ title: 'Image in the format of the source', description: 'Without `format`, the image keeps that of the source' });

const AnalysisOutput = z
  .strictObject({
    ...pipeline,
    analysis: z.enum(analysisIds).meta({ description: 'What to find out; the result is a JSON value' }),
  })
  .superRefine(({ analysis, operations }, context) => {
    if (operations.length === 0 || analysisOf(analysis).of !== 'source') return;
    context.addIssue({ code: 'custom', path: ['operations'], message: `Expected none, as ${analysis} tells about the source` });
  })
  .meta({ title: 'Analysis' });

const PresetOutput = z
  .strictObject({
    name: OutputName,
    preset: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,63}(@[1-9]\d{0,5})?$/, 'Expected a preset as name or name@version')
      .meta({ description: '`name@version`, or `name` for the highest version', examples: ['thumbnail@1'] }),
  })
  .meta({ title: 'Preset' });

/** One output as a job stores it: presets expanded, defaults filled in. */
export const Output = pickedUnion([FormattedOutput, SourceFormatOutput, AnalysisOutput], (value) => {
  if (hasKey(value, 'analysis')) return AnalysisOutput;
  return hasKey(value, 'format') ? FormattedOutput : SourceFormatOutput;
});
export type Output = z.output<typeof Output>;
export type AnalysisOutput = z.output<typeof AnalysisOutput>;
export type ImageOutput = Exclude<Output, AnalysisOutput>;

/** One output as a client asks for it. */
export const OutputRequest = pickedUnion([FormattedOutput, SourceFormatOutput, AnalysisOutput, PresetOutput], (value) =>
  hasKey(value, 'preset') ? PresetOutput : Output,
).meta({ id: 'OutputRequest', description: 'An image, an analysis, or an image by a preset' });
export type OutputRequest = z.output<typeof OutputRequest>;

/** The encoder and its options for an image output, given the format of its source. */
export function encodingOf(output: ImageOutput, sourceFormat: FormatId): Encoding {
  const { name: _name, operations: _operations, metadata: _metadata, profile: _profile, ...encoding } = output;
  if ('format' in encoding) return encoding;
  const { quality } = encoding;
  const usesQuality = quality !== undefined && 'quality' in formatOf(sourceFormat).options;
  return Encoding.parse({ format: sourceFormat, ...(usesQuality && { quality }) });
}

/** Whether the source is to be turned upright by its EXIF orientation first: unless the pipeline begins by refusing it. */
export function opensUpright(operations: readonly Operation[]): boolean {
  const [first] = operations;
  return first === undefined || operationOf(first.operation).stage !== 'orient' || !('enabled' in first) || first.enabled;
}

/** The second images that outputs read, each once. */
export function references(outputs: readonly Output[]): ImageReference[] {
  const found = outputs
    .flatMap(({ operations }) => operations)
    .flatMap((step) => operationOf(step.operation).images?.(step) ?? []);
  return [...new Map(found.map((reference) => [referenceKey(reference), reference])).values()];
}

/** What an output counts as in the metrics: its distinct operations, or `convert` where it has none. */
export type ActionId = OperationId | 'convert';
export const actionIds: readonly ActionId[] = [...operationIds, 'convert'];

export function actionsOf({ operations }: Output): ActionId[] {
  return operations.length === 0 ? ['convert'] : [...new Set(operations.map(({ operation }) => operation))];
}
