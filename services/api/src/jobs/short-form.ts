/**
 * The short way to ask for one output: `action=resize width=200 format=webp quality=80` as the fields of a form. Fields are
 * text; which JSON values they mean is read from the catalogue's schemas.
 */
import { actionIds, catalogue } from '@tintype/operations';
import { z } from 'zod';
import { validate } from '../http/validation.js';
import { CreateJobOfFile } from './job-requests.js';

type JsonSchema = z.core.JSONSchema.BaseSchema;
/** The types that the JSON value of each option may have. */
type OptionTypes = ReadonlyMap<string, ReadonlySet<string>>;

const outputName = 'image';
const Action = z.object({ action: z.enum(actionIds) });

const operationOptions = new Map(catalogue.operations.map(({ id, options }) => [id, optionTypes([options])]));
const outputOptions = optionTypes(catalogue.formats.map(({ options }) => options));

/** Throws a 422 problem whose pointers name the fields. */
export function jobOfFields(fields: ReadonlyMap<string, string>): CreateJobOfFile {
  const { action } = validate(Action, Object.fromEntries(fields));
  const options = operationOptions.get(action);
  const operation: Record<string, unknown> = { operation: action };
  const output: Record<string, unknown> = { name: outputName, operations: options ? [operation] : [] };
  for (const [name, text] of fields) {
    if (name === 'action') continue;
    // An operation's own option wins over one of the output with the same name, as the action is what the form is about.
    if (options?.has(name)) operation[name] = valueOf(text, options.get(name));
    else output[name] = valueOf(text, outputOptions.get(name));
  }
  return validate(CreateJobOfFile, { outputs: [output] }, fieldPointer);
}

/** `/outputs/0/operations/0/width` is the field `width`. */
function fieldPointer(pointer: string): string {
  return pointer.replace(/^\/outputs\/0(\/operations\/0)?/, '') || '/action';
}

/** The JSON value that a text stands for where the option has that type; else the text. Whether it fits is the schema's to say. */
function valueOf(text: string, types: ReadonlySet<string> | undefined): unknown {
  const value = parseJson(text);
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return types?.has(type) || (type === 'number' && types?.has('integer')) ? value : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function optionTypes(schemas: readonly JsonSchema[]): OptionTypes {
  const types = new Map<string, Set<string>>();
  for (const schema of schemas) {
    for (const [name, option] of Object.entries(schema.properties ?? {})) {
      const known = types.get(name) ?? new Set();
      for (const type of typesOf(option, schema)) known.add(type);
      types.set(name, known);
    }
  }
  return types;
}

/** `root` holds the definitions that the schema may refer to. */
function typesOf(schema: JsonSchema | boolean, root: JsonSchema): string[] {
  if (typeof schema === 'boolean') return [];
  const { type, $ref, anyOf, oneOf, enum: values, const: value } = schema;
  if ($ref) return typesOf(root.$defs?.[$ref.replace('#/$defs/', '')] ?? false, root);
  if (anyOf || oneOf) return (anyOf ?? oneOf ?? []).flatMap((one) => typesOf(one, root));
  return type ? [type].flat() : (values ?? [value]).map((one) => typeof one);
}
