import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expandPreset, loadPresets, PresetNotFound, PresetsInvalid } from './presets.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'presets-'));
});

afterEach(() => rm(directory, { recursive: true }));

async function write(file: string, content: unknown): Promise<void> {
  await writeFile(join(directory, file), typeof content === 'string' ? content : JSON.stringify(content));
}

const card = {
  name: 'card',
  version: 1,
  description: 'A card',
  operations: [{ operation: 'resize', width: 320 }],
  format: 'png',
};

test('comes with presets that are valid', () => {
  const names = loadPresets()
    .list()
    .map(({ name, version }) => `${name}@${version}`);
  expect(names).toEqual(expect.arrayContaining(['avatar@1', 'social-card@1', 'thumbnail@1', 'web@1']));
});

test('expands a preset to an output with the name of the request', async () => {
  await write('card.json', card);
  const output = expandPreset({ name: 'mine', preset: 'card@1' }, loadPresets(directory));
  expect(output).toMatchObject({ name: 'mine', format: 'png', operations: [{ operation: 'resize', width: 320, fit: 'cover' }] });
  expect(output).not.toHaveProperty('description');
  expect(output).not.toHaveProperty('version');
});

test('takes the highest version for a plain name, by number', async () => {
  await write('card@10.json', { ...card, version: 10, format: 'webp' });
  await write('card@9.json', { ...card, version: 9, format: 'avif' });
  const presets = loadPresets(directory);
  expect(presets.get('card').version).toBe(10);
  expect(presets.get('card@9')).toMatchObject({ version: 9, format: 'avif' });
});

test('leaves an output without preset as it is', () => {
  const request = { name: 'a', operations: [], metadata: 'strip', profile: 'keep' } as const;
  expect(expandPreset({ ...request, operations: [] }, loadPresets())).toEqual(request);
});

test.each(['nothing', 'thumbnail@99'])('does not know %s', (preset) => {
  expect(() => expandPreset({ name: 'a', preset }, loadPresets())).toThrow(PresetNotFound);
});

test('reports the faults of all files together', async () => {
  await write('a.json', { ...card, version: 0, operations: [{ operation: 'blur', sigma: 0 }] });
  await write('b.json', '{');
  await write('c.json', { ...card, format: 'jxl' });
  await write('d.json', { ...card, name: 'thumbnail' });
  const faults = faultsOf(() => loadPresets(directory));
  expect(faults.map((fault) => fault.replace(`${directory}/`, ''))).toEqual([
    expect.stringMatching(/^a\.json: version: /),
    expect.stringMatching(/^a\.json: operations\.0\.sigma: /),
    expect.stringMatching(/^b\.json: /),
    expect.stringMatching(/^c\.json: format: /),
    'd.json: thumbnail@1 exists already; give it the next version',
  ]);
});

test('reports a directory that is not there', () => {
  expect(faultsOf(() => loadPresets(join(directory, 'gone')))).toHaveLength(1);
});

function faultsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof PresetsInvalid) return error.faults;
  }
  throw new Error('expected faults');
}
