import { operationIds, outputFormats } from '@tintype/operations';
import { testDirectory } from '@tintype/testing';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobDocument } from '@tintype/jobs';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json } from '../spec/requests.js';

const directory = await testDirectory();
let api: ApiUnderTest;
beforeAll(async () => {
  const preset = {
    name: 'square',
    version: 2,
    description: 'A small square',
    operations: [{ operation: 'resize', width: 32, height: 32 }],
    format: 'png',
  };
  await writeFile(join(directory.path, 'square.json'), JSON.stringify(preset));
  api = await ApiUnderTest.start({ PRESETS_DIR: directory.path });
});
afterAll(async () => {
  await api.close();
  await directory.remove();
});

test('GET /v1/operations lists all operations and formats, and is not sent again to who has it', async () => {
  const answer = await api.fetch('/v1/operations');
  const catalogue = (await answer.json()) as Record<'operations' | 'formats', { id: string }[]>;
  expect(catalogue.operations.map(({ id }) => id)).toEqual(operationIds);
  expect(catalogue.formats.map(({ id }) => id)).toEqual(outputFormats);
  const again = await api.fetch('/v1/operations', { headers: { 'If-None-Match': answer.headers.get('etag') ?? '' } });
  expect(again.status).toBe(304);
});

test('GET /v1/presets lists the built-in presets and those of the operator', async () => {
  const { data } = (await (await api.fetch('/v1/presets')).json()) as { data: { name: string; version: number }[] };
  const keys = data.map(({ name, version }) => `${name}@${version}`);
  expect(keys).toEqual(expect.arrayContaining(['thumbnail@1', 'square@2']));
});

test('GET /v1/presets/{name} finds one by its version, and its highest version by its name alone', async () => {
  for (const name of ['square', 'square@2']) {
    expect(await (await api.fetch(`/v1/presets/${name}`)).json()).toMatchObject({ name: 'square', version: 2, format: 'png' });
  }
  await expectProblem(await api.fetch('/v1/presets/square@1'), 404, 'not_found');
  await expectProblem(await api.fetch('/v1/presets/circle'), 404, 'not_found');
});

test('a preset of the operator can be used', async () => {
  const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [{ name: 'a', preset: 'square' }] }));
  const { id } = JobDocument.parse(await answer.json());
  const [output] = (await api.claim(id)).job.outputs;
  expect(output?.spec).toMatchObject({ name: 'a', operations: [{ operation: 'resize', width: 32, height: 32 }], format: 'png' });
});
