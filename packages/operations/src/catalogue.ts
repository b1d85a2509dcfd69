/** The document of `GET /v1/operations`: what can be asked for, with JSON schemas from which a client can build a form. */
import { z } from 'zod';
import { inputFormats } from './limits.js';
import { metadataOptions } from './metadata-policy.js';
import { analyses, formats, operations } from './registry.js';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

export interface Catalogue {
  readonly operations: readonly {
    readonly id: string;
    readonly title: string;
    readonly description: string;
    /** Of the options that lie beside `"operation": id`. */
    readonly options: JsonSchema;
    readonly examples: readonly { readonly title: string; readonly options: object }[];
  }[];
  readonly input_formats: readonly string[];
  readonly formats: readonly {
    readonly id: string;
    readonly title: string;
    readonly description: string;
    readonly media_type: string;
    readonly extension: string;
    readonly can_animate: boolean;
    readonly can_alpha: boolean;
    readonly max_side: number;
    /** Of the options that lie beside `"format": id`. */
    readonly options: JsonSchema;
  }[];
  readonly analyses: readonly {
    readonly id: string;
    readonly title: string;
    readonly description: string;
    /** Whether it tells about the source file or about the pixels after the operations. */
    readonly of: 'source' | 'pixels';
    readonly value: JsonSchema;
  }[];
}

export const catalogue: Catalogue = {
  operations: operations.map(({ id, title, description, options, examples }) => ({
    id,
    title,
    description,
    options: optionsSchema(options),
    examples: examples.map((example) => ({ title: example.title, options: example.options })),
  })),
  input_formats: inputFormats,
  formats: formats.map((format) => ({
    id: format.id,
    title: format.title,
    description: format.description,
    media_type: format.mediaType,
    extension: format.extension,
    can_animate: format.canAnimate,
    can_alpha: format.canAlpha,
    max_side: format.maxSide,
    options: optionsSchema({ ...format.options, ...metadataOptions }),
  })),
  analyses: analyses.map(({ id, title, description, of, value }) => ({
    id,
    title,
    description,
    of,
    value: z.toJSONSchema(value),
  })),
};

function optionsSchema(options: z.ZodRawShape): JsonSchema {
  return z.toJSONSchema(z.strictObject(options), { io: 'input' });
}
