/** Named, versioned recipes for image outputs: those of `presets/`, and those of a directory of the operator. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { encodingsWith, Output, type OutputRequest, Pipeline, sourceEncoding } from './output.js';
import { hasKey, pickedUnion } from './picked-union.js';

const about = {
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, 'Expected lower-case letters, digits and -, beginning with a letter')
    .meta({ description: 'Name of the preset' }),
  version: z.int().min(1).max(999_999).meta({ description: 'A published version is never changed; a change is a new version' }),
  description: z.string().min(1).max(500).meta({ description: 'What it is for' }),
  operations: Pipeline,
};

const FormattedPreset = z.discriminatedUnion('format', encodingsWith(about));
const SourceFormatPreset = z.strictObject({ ...about, ...sourceEncoding });

export const Preset = pickedUnion([FormattedPreset, SourceFormatPreset], (value) =>
  hasKey(value, 'format') ? FormattedPreset : SourceFormatPreset,
).meta({ id: 'Preset', description: 'A named, versioned recipe for an image output' });
export type Preset = z.output<typeof Preset>;

export class PresetNotFound extends Error {
  override readonly name = 'PresetNotFound';

  constructor(readonly preset: string) {
    super(`There is no preset ${preset}`);
  }
}

/** All faults of all preset files, found when a process starts. */
export class PresetsInvalid extends Error {
  override readonly name = 'PresetsInvalid';

  constructor(readonly faults: readonly string[]) {
    super(`Presets cannot be used:\n${faults.map((fault) => `- ${fault}`).join('\n')}`);
  }
}

export class Presets {
  readonly #byKey = new Map<string, Preset>();

  /** The later of two with the same name and version is a mistake, which `loadPresets` reports. */
  constructor(presets: readonly Preset[]) {
    const ascending = presets.toSorted((a, b) => a.version - b.version);
    for (const preset of ascending) {
      this.#byKey.set(presetKey(preset), preset);
      this.#byKey.set(preset.name, preset);
    }
  }

  /** By `name@version`, or by `name` its highest version. Throws PresetNotFound. */
  get(key: string): Preset {
    const preset = this.#byKey.get(key);
    if (!preset) throw new PresetNotFound(key);
    return preset;
  }

  /** All versions, by name and version. */
  list(): Preset[] {
    return [...new Set(this.#byKey.values())].toSorted((a, b) => a.name.localeCompare(b.name) || a.version - b.version);
  }
}

const builtIn = fileURLToPath(new URL('../presets/', import.meta.url));

/** The presets that come with Tintype and those of a directory of JSON files. Throws PresetsInvalid. */
export function loadPresets(directory?: string): Presets {
  const faults: string[] = [];
  const presets = new Map<string, Preset>();
  for (const file of [builtIn, ...(directory === undefined ? [] : [directory])].flatMap((folder) => jsonFiles(folder, faults))) {
    const preset = readPreset(file, faults);
    if (!preset) continue;
    const key = presetKey(preset);
    if (presets.has(key)) faults.push(`${file}: ${key} exists already; give it the next version`);
    presets.set(key, preset);
  }
  if (faults.length > 0) throw new PresetsInvalid(faults);
  return new Presets([...presets.values()]);
}

/** The output that a request stands for. Throws PresetNotFound. */
export function expandPreset(request: OutputRequest, presets: Presets): Output {
  if (!('preset' in request)) return request;
  const { version: _version, description: _description, ...recipe } = presets.get(request.preset);
  return { ...recipe, name: request.name };
}

function presetKey({ name, version }: Pick<Preset, 'name' | 'version'>): string {
  return `${name}@${version}`;
}

function jsonFiles(directory: string, faults: string[]): string[] {
  try {
    const names = readdirSync(directory).filter((file) => file.endsWith('.json'));
    return names.toSorted().map((file) => join(directory, file));
  } catch (error) {
    faults.push(`${directory}: ${reason(error)}`);
    return [];
  }
}

function readPreset(file: string, faults: string[]): Preset | undefined {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    faults.push(`${file}: ${reason(error)}`);
    return undefined;
  }
  const result = Preset.safeParse(json);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) faults.push(`${file}: ${path.join('.') || 'preset'}: ${message}`);
  return undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
