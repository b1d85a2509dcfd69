import { z } from 'zod';

/** Settings of one owner: environment variable to schema. Metadata of a schema: `description`, and below. */
export type SettingsShape = Readonly<Record<string, z.ZodType>>;

declare module 'zod' {
  interface GlobalMeta {
    /** Never shown, and may come from the file that `<NAME>_FILE` names. */
    secret?: boolean;
    /** What a value must be, for where the type does not tell: `an absolute path`. */
    form?: string;
    /** Makes it required where that other setting has that value, or any where none is named. */
    requiredWith?: RequiredWith;
    /** A setting that must not be larger. In both, 0 stands for no limit. */
    notBelow?: string;
  }
}

export interface RequiredWith {
  readonly name: string;
  readonly value?: string;
}

export interface SettingDescription {
  readonly name: string;
  readonly description: string;
  /** What a value must be, to stand after "must be". */
  readonly form: string;
  readonly default: string | undefined;
  readonly required: boolean;
  readonly requiredWith: RequiredWith | undefined;
  readonly secret: boolean;
}

/** The part of JSON Schema by which a setting is read and described. */
export interface SettingSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly items?: SettingSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly secret?: boolean;
  readonly form?: string;
  readonly requiredWith?: RequiredWith;
  readonly notBelow?: string;
}

export function settingSchema(schema: z.ZodType): SettingSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SettingSchema;
}

export function describeSettings(shape: SettingsShape): SettingDescription[] {
  return Object.entries(shape).map(([name, schema]) => describeSetting(name, schema));
}

export function describeSetting(name: string, schema: z.ZodType): SettingDescription {
  const json = settingSchema(schema);
  return {
    name,
    description: json.description ?? '',
    form: json.form ?? formOf(json),
    default: json.default === undefined ? undefined : String(json.default),
    required: !schema.safeParse(undefined).success,
    requiredWith: json.requiredWith,
    secret: json.secret === true,
  };
}

/** `STORAGE_DRIVER=s3` */
export function conditionText({ name, value }: RequiredWith): string {
  return value === undefined ? name : `${name}=${value}`;
}

function formOf(schema: SettingSchema): string {
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  switch (schema.type) {
    case 'integer':
      return `an integer${rangeOf(schema)}`;
    case 'number':
      return `a number${rangeOf(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list, parted by commas, where each is ${formOf(schema.items ?? {})}`;
    default:
      return schema.format === 'uri' ? 'a URL' : 'text';
  }
}

function rangeOf(schema: SettingSchema): string {
  const { exclusiveMinimum, exclusiveMaximum } = schema;
  // z.int() declares the safe integers, which is no limit that anybody chose.
  const minimum = schema.minimum === Number.MIN_SAFE_INTEGER ? undefined : schema.minimum;
  const maximum = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    minimum !== undefined && `at least ${minimum}`,
    maximum !== undefined && `at most ${maximum}`,
    exclusiveMinimum !== undefined && `greater than ${exclusiveMinimum}`,
    exclusiveMaximum !== undefined && `less than ${exclusiveMaximum}`,
  ].filter((bound) => bound !== false);
  return bounds.length ? `, ${bounds.join(' and ')}` : '';
}
