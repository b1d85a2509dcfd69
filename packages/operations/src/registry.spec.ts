import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { catalogue, type JsonSchema } from './catalogue.js';
import { metadataOptions } from './metadata-policy.js';
import { actionIds } from './output.js';
import { operationsReference } from './reference.js';
import { analyses, formats, Operation, operations } from './registry.js';

const execute = promisify(execFile);
const packageDirectory = fileURLToPath(new URL('..', import.meta.url));
const repository = join(packageDirectory, '../..');

const solarize = `import { z } from 'zod';
import { defineOperation } from '../define.js';

export const solarize = defineOperation({
  id: 'solarize',
  title: 'Solarize',
  description: 'Lightens what is dark.',
  options: { strength: z.number().min(0).max(1).default(0.5).meta({ description: 'How much' }) },
  stage: 'own',
  frames: 'together',
  commutesWithShrink: false,
  size: (before) => before,
  apply: (image, { strength }) => image.linear(1 - strength, 255 * strength),
  examples: [{ title: 'Black becomes gray', options: {}, pixel: [0, 0, 0], becomes: [127, 127, 127] }],
});
`;

const report = `
import { actionIds, catalogue, operationsReference, OutputRequest } from './dist/index.js';
const parse = (strength) => OutputRequest.safeParse({ name: 'a', operations: [{ operation: 'solarize', ...strength }] });
console.log(JSON.stringify({
  accepted: parse({}).data,
  faults: parse({ strength: 2 }).error.issues.map(({ path }) => path.join('.')),
  inCatalogue: catalogue.operations.some(({ id }) => id === 'solarize'),
  action: actionIds.includes('solarize'),
  inReference: operationsReference().includes('### solarize'),
}));
`;

test('loads no native code: that is left to the children of the worker', async () => {
  const script = `
    const entry = await import('./dist/index.js');
    const native = process.report.getReport().sharedObjects.filter((file) => /sharp|vips/.test(file));
    console.log(JSON.stringify({ operations: entry.operationIds.length, native }));
  `;
  const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', script], { cwd: packageDirectory });
  expect(JSON.parse(stdout)).toEqual({ operations: operations.length, native: [] });
});

describe('the registry', () => {
  test.each([
    ['operations', operations],
    ['formats', formats],
    ['analyses', analyses],
  ] as const)('of %s holds what the folder holds', async (folder, entries) => {
    const files = (await readdir(join(packageDirectory, 'src', folder))).filter((file) => /^[^.]+\.ts$/.test(file));
    const named = files.map((file) =>
      file.slice(0, -'.ts'.length).replaceAll(/-(.)/g, (_match, letter: string) => letter.toUpperCase()),
    );
    expect(new Set(named)).toEqual(new Set(entries.map(({ id }) => id)));
  });

  test('is up to date with its folders', async () => {
    const check = execute(process.execPath, ['generate.mjs', '--check'], { cwd: packageDirectory });
    await expect(check).resolves.toMatchObject({ stderr: '' });
  });

  test('takes a new operation from one file alone', async () => {
    const copy = await copyOfPackage();
    try {
      await writeFile(join(copy, 'src/operations/solarize.ts'), solarize);
      await execute(process.execPath, ['generate.mjs'], { cwd: copy });
      await execute(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], {
        cwd: copy,
      });
      const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', report], { cwd: copy });
      expect(JSON.parse(stdout)).toEqual({
        accepted: { name: 'a', operations: [{ operation: 'solarize', strength: 0.5 }], metadata: 'strip', profile: 'keep' },
        faults: ['operations.0.strength'],
        inCatalogue: true,
        action: true,
        inReference: true,
      });
    } finally {
      await rm(copy, { recursive: true });
    }
  }, 60_000);

  test.each([
    ['a file that exports another name', 'posterize.ts', solarize],
    ['an id that is not the name of the file', 'solarize.ts', solarize.replace("id: 'solarize'", "id: 'solarise'")],
  ])('refuses %s', async (_case, file, source) => {
    const copy = await copyOfPackage();
    try {
      await writeFile(join(copy, 'src/operations', file), source);
      const run = execute(process.execPath, ['generate.mjs'], { cwd: copy });
      await expect(run).rejects.toMatchObject({ stderr: expect.stringContaining(`src/operations/${file} must hold`) as string });
    } finally {
      await rm(copy, { recursive: true });
    }
  });
});

describe.each([...operations, ...formats].map((entry) => [entry.id, entry] as const))('%s', (_id, entry) => {
  test('has an id that metrics and JSON can hold, a title and a sentence', () => {
    expect(entry.id).toMatch(/^[a-z][a-zA-Z0-9]*$/);
    expect(entry.title).not.toBe('');
    expect(entry.description).toMatch(/\.$/);
  });
});

const optionsOfAll = [...operations, ...formats, { id: 'every image', options: metadataOptions }].flatMap(optionsOf);

test.each(optionsOfAll)('%s says what %s means, and bounds it', (_id, _name, schema) => {
  // Shared types (colours, references) carry their description where they are defined.
  expect(schema.description ?? schema.$ref).toMatch(/\S/);
  for (const part of partsOf(schema)) expect(unbounded(part)).toBe(false);
});

describe.each(operations.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  test('refuses options that it does not know', () => {
    const step = { operation: id, ...operation.examples[0].options, nope: 1 };
    const { error } = Operation.safeParse(step);
    expect(error?.issues).toEqual([expect.objectContaining({ code: 'unrecognized_keys', keys: ['nope'], path: [] })]);
  });

  test('accepts the options of its examples', () => {
    for (const { options } of operation.examples)
      expect(Operation.safeParse({ operation: id, ...options }).error).toBeUndefined();
  });

  test('is in the catalogue, in the labels of the metrics and in the reference', () => {
    expect(catalogue.operations.map((entry) => entry.id)).toContain(id);
    expect(actionIds).toContain(id);
    expect(operationsReference()).toContain(`### ${id}\n`);
  });
});

function optionsOf({ id, options }: { readonly id: string; readonly options: z.ZodRawShape }): [string, string, JsonSchema][] {
  const { properties = {} } = z.toJSONSchema(z.strictObject(options), { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => [id, name, schema as JsonSchema]);
}

function partsOf(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf ? (schema.anyOf as JsonSchema[]).flatMap(partsOf) : [schema];
}

function unbounded({ type, minimum, maximum, maxLength, maxItems, enum: values }: JsonSchema): boolean {
  // An integer without bounds of its own has those of what JavaScript can count.
  const unlimited = [undefined, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  if (type === 'number' || type === 'integer') return unlimited.includes(minimum) || unlimited.includes(maximum);
  if (type === 'array') return maxItems === undefined;
  return type === 'string' && values === undefined && maxLength === undefined;
}

/** A copy of the sources that the main entry consists of, beside the dependencies of this repository. */
async function copyOfPackage(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'operations-'));
  for (const entry of ['src', 'presets', 'generate.mjs', 'package.json']) {
    await cp(join(packageDirectory, entry), join(copy, entry), {
      recursive: true,
      filter: (file) => !/\.spec\.ts$|src\/(run|specs)$/.test(file),
    });
  }
  await symlink(join(repository, 'node_modules'), join(copy, 'node_modules'));
  const base = await readFile(join(repository, 'tsconfig.base.json'), 'utf8');
  await writeFile(join(copy, 'tsconfig.json'), base);
  return copy;
}
