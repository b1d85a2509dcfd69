/** Small jobs for the suite, and what must come of them: made in this process by the code that makes them in the worker's children. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits, Output } from '@tintype/operations';
import { prepareSharp, run } from '@tintype/operations/run';
import { samples } from '@tintype/testing';

export interface Recipe {
  readonly name: string;
  readonly source: Buffer;
  /** As a client writes them. */
  readonly outputs: readonly Readonly<Record<string, unknown>>[];
  /** SHA-256 of each output by its name, or how else the job must end. */
  readonly expected:
    { readonly sha256: Readonly<Record<string, string>> } | { readonly end: 'canceled' | `failed with ${string}` };
}

type Sketch = Pick<Recipe, 'name' | 'outputs'> & { readonly size: readonly [width: number, height: number] };

const thumbnail = { operations: [{ operation: 'resize', width: 64 }], format: 'webp' };

/** Each some milliseconds of work. */
const quick: readonly Sketch[] = [
  { name: 'thumbnail', size: [320, 240], outputs: [{ name: 'a', ...thumbnail }] },
  { name: 'flipped', size: [96, 72], outputs: [{ name: 'a', operations: [{ operation: 'flip' }], format: 'png' }] },
  {
    name: 'pair',
    size: [200, 150],
    outputs: [
      { name: 'small', operations: [{ operation: 'resize', width: 100 }], format: 'jpeg', quality: 80 },
      { name: 'gray', operations: [{ operation: 'grayscale' }] },
    ],
  },
];

/** A job whose child sleeps for 2.5 s before it works. Only for the worker with mischievous children. */
const slow: Sketch = { name: 'slow', size: [96, 72], outputs: [{ name: 'slow', ...thumbnail }] };

let prepared: Promise<void> | undefined;
const known = new Map<string, Promise<Recipe>>();

export function quickRecipes(): Promise<Recipe[]> {
  return Promise.all(quick.map(recipe));
}

export function slowRecipe(): Promise<Recipe> {
  return recipe(slow);
}

/** A job that would take minutes, whatever sharp's own time limit says. */
export async function endlessRecipe(): Promise<Recipe> {
  const outputs = [{ name: 'a', operations: [], format: 'avif', effort: 9 }];
  return {
    name: 'endless',
    source: await samples.photo(4_000, 4_000),
    outputs,
    expected: { end: 'failed with processing_timeout' },
  };
}

/** A job that harms its child, by the name of its output: see mischief-child.ts of the worker. */
export async function poisonRecipe(mischief: string, failure: string): Promise<Recipe> {
  return {
    name: mischief,
    source: await samples.photo(64, 48),
    outputs: [{ name: mischief }],
    expected: { end: `failed with ${failure}` },
  };
}

function recipe(sketch: Sketch): Promise<Recipe> {
  const made = known.get(sketch.name) ?? follow(sketch);
  known.set(sketch.name, made);
  return made;
}

async function follow({ name, size, outputs }: Sketch): Promise<Recipe> {
  const source = await samples.photo(...size);
  return { name, source, outputs, expected: { sha256: await reference(source, outputs) } };
}

async function reference(source: Buffer, outputs: Recipe['outputs']): Promise<Record<string, string>> {
  const made = await make({ source, outputs });
  return Object.fromEntries(made.map(({ name, sha256 }) => [name, sha256]));
}

/** An output as its row has it, and its bytes. */
export interface Made {
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly format: string;
  readonly media_type: string;
  readonly width: number;
  readonly height: number;
  readonly pages: number;
}

/** What the pipelines make of the source. */
export async function make({ source, outputs }: Pick<Recipe, 'source' | 'outputs'>): Promise<Made[]> {
  prepared ??= prepareSharp(defaultLimits);
  await prepared;
  const directory = await mkdtemp(join(tmpdir(), 'tintype-reference-'));
  try {
    const path = join(directory, 'source');
    await writeFile(path, source);
    const parsed = outputs.map((output) => Output.parse({ operations: [], ...output }));
    const made: Omit<Made, 'bytes'>[] = [];
    await run({ source: path, images: {}, outputs: parsed, directory, limits: defaultLimits }, (event) => {
      if (event.type !== 'output') return;
      const name = parsed[event.index]?.name ?? '';
      if (event.result.status !== 'completed' || event.result.kind !== 'image') throw new Error(`${name} is no image`);
      const { sha256, format, mediaType: media_type, width, height, pages } = event.result;
      made.push({ name, sha256, format, media_type, width, height, pages });
    });
    return await Promise.all(
      made.map(async (output, index) => ({ ...output, bytes: await readFile(join(directory, String(index))) })),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
