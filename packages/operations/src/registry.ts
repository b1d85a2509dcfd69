/** The folders' contents, by id and as types: everything that iterates operations, formats or analyses starts here. */
import { z } from 'zod';
import { analyses } from './analyses/index.generated.js';
import type { AnalysisDefinition, FormatDefinition, OperationDefinition } from './define.js';
import { formatEncodings, formats } from './formats/index.generated.js';
import { operations, operationSteps } from './operations/index.generated.js';

export { analyses, formats, operations };

/** One step of a pipeline: `{"operation": id, …options}`. */
export const Operation = z
  .discriminatedUnion('operation', operationSteps)
  .meta({ id: 'Operation', description: 'One step of a pipeline; its options lie flat beside its name' });
export type Operation = z.output<typeof Operation>;
export type OperationId = Operation['operation'];

/** How a picture is encoded: `{"format": id, …options}`. */
export const Encoding = z.discriminatedUnion('format', formatEncodings);
export type Encoding = z.output<typeof Encoding>;
export type FormatId = Encoding['format'];

export type AnalysisId = (typeof analyses)[number]['id'];

export const operationIds = operations.map(({ id }) => id) as readonly OperationId[];
export const outputFormats = formats.map(({ id }) => id) as readonly FormatId[];
export const analysisIds = analyses.map(({ id }) => id) as readonly AnalysisId[];

export type AnyOperation = OperationDefinition<OperationId, z.ZodRawShape>;
export type AnyFormat = FormatDefinition<FormatId, z.ZodRawShape>;
export type AnyAnalysis = AnalysisDefinition<AnalysisId, z.ZodType>;

const operationsById = new Map<string, AnyOperation>(operations.map((operation) => [operation.id, operation]));
const formatsById = new Map<string, AnyFormat>(formats.map((format) => [format.id, format]));
const analysesById = new Map<string, AnyAnalysis>(analyses.map((analysis) => [analysis.id, analysis]));

/** The definition behind a validated step, whose options go with it. */
export function operationOf(id: OperationId): AnyOperation {
  return known(operationsById, id);
}

export function formatOf(id: FormatId): AnyFormat {
  return known(formatsById, id);
}

export function analysisOf(id: AnalysisId): AnyAnalysis {
  return known(analysesById, id);
}

function known<Definition>(definitions: ReadonlyMap<string, Definition>, id: string): Definition {
  const definition = definitions.get(id);
  if (!definition) throw new Error(`Not in the catalogue of this version: ${id}`);
  return definition;
}
