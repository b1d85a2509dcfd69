import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { conditionText, describeSetting, type SettingSchema, settingSchema, type SettingsShape } from './describe.js';

export type { SettingsShape } from './describe.js';
export type SettingsOf<Shape extends SettingsShape> = { readonly [Name in keyof Shape]: z.output<Shape[Name]> };

export interface SettingFault {
  /** The environment variable. */
  readonly name: string;
  /** What is wrong and what is expected. Never the value, which may be secret. */
  readonly reason: string;
}

/** The environment is not what the program needs. It names every fault, so that one look mends them all. */
export class SettingsError extends Error {
  constructor(readonly faults: readonly SettingFault[]) {
    const lines = faults.map(({ name, reason }) => `  ${name} ${reason}`);
    super(`The settings are not complete and correct:\n${lines.join('\n')}`);
    this.name = 'SettingsError';
  }
}

/**
 * Reads settings from environment variables: numbers, booleans and comma-separated lists from their text; secret ones also from
 * the file that `<NAME>_FILE` names. An empty variable counts as unset.
 * @throws SettingsError
 */
export function loadSettings<const Shape extends SettingsShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv = process.env,
): SettingsOf<Shape> {
  const faults: SettingFault[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const json = settingSchema(schema);
    const text = readText(name, json, env);
    if (typeof text === 'object') {
      faults.push(text);
      continue;
    }
    const result = schema.safeParse(text === undefined ? undefined : valueOf(text, json));
    if (result.success) settings[name] = result.data;
    else faults.push({ name, reason: expectation(name, schema, text === undefined ? 'is missing; it must be' : 'must be') });
  }
  faults.push(...missingByOthers(shape, settings, env), ...belowOthers(shape, settings));
  if (faults.length) throw new SettingsError(faults);
  return settings as SettingsOf<Shape>;
}

/** Settings that are not set, although what others are set to requires it. */
function missingByOthers(
  shape: SettingsShape,
  settings: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): SettingFault[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const { requiredWith, secret } = settingSchema(schema);
    if (!requiredWith || env[name] || (secret && env[`${name}_FILE`])) return [];
    const other = settings[requiredWith.name];
    if (other === undefined || (requiredWith.value !== undefined && requiredWith.value !== String(other))) return [];
    return [{ name, reason: expectation(name, schema, `is required with ${conditionText(requiredWith)}; it must be`) }];
  });
}

/** Limits that end sooner than another that they must not. */
function belowOthers(shape: SettingsShape, settings: Readonly<Record<string, unknown>>): SettingFault[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const { notBelow } = settingSchema(schema);
    const [value, least] = [settings[name], notBelow && settings[notBelow]];
    if (typeof value !== 'number' || typeof least !== 'number' || (value || Infinity) >= (least || Infinity)) return [];
    return [{ name, reason: expectation(name, schema, `must not be less than ${notBelow}, where 0 is no limit; it must be`) }];
  });
}

function readText(name: string, schema: SettingSchema, env: NodeJS.ProcessEnv): string | SettingFault | undefined {
  const text = env[name] || undefined;
  const fileVariable = `${name}_FILE`;
  const path = env[fileVariable];
  if (!schema.secret || !path) return text;
  if (text !== undefined) return { name: fileVariable, reason: `is set beside ${name}; set only one of them` };
  try {
    return readFileSync(path, 'utf8').trimEnd() || undefined;
  } catch {
    return { name: fileVariable, reason: 'must be the path of a readable file' };
  }
}

/** Text that does not look like the type stays as it is, for the schema to refuse. */
function valueOf(text: string, schema: SettingSchema): unknown {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return { true: true, '1': true, false: false, '0': false }[text.toLowerCase()] ?? text;
    case 'array': {
      const items = text.split(',').map((item) => item.trim());
      return items.filter(Boolean).map((item) => valueOf(item, schema.items ?? {}));
    }
    default:
      return text;
  }
}

function expectation(name: string, schema: z.ZodType, beginning: string): string {
  const { form, description } = describeSetting(name, schema);
  return description ? `${beginning} ${form} (${description})` : `${beginning} ${form}`;
}
