import { z } from 'zod';
import { choice, group, integer, list, map, setting, text } from './values.js';
import { valuesSchema, valuesTable, valuesYaml } from './values-files.js';

const values = group('', {
  global: group('Shared.', { registry: text('', 'Registry host.') }),
  api: group('HTTP API.', {
    replicas: integer(2, 'Pods.', { minimum: 0 }),
    mode: choice(['fast', 'safe'], 'Fast | safe.'),
    labels: map({ a: 'b' }, 'Labels.', { additionalProperties: { type: 'string' } }),
    hosts: list<string>([], 'Hosts.', { type: 'string' }),
  }),
});

test('values.yaml has every value with its default and what it means', () => {
  expect(valuesYaml(values)).toBe(`
# -- Shared.
global:
  # -- Registry host.
  registry: ""

# -- HTTP API.
api:
  # -- Pods.
  replicas: 2
  # -- Fast | safe.
  mode: fast
  # -- Labels.
  labels:
    a: b
  # -- Hosts.
  hosts: []
`);
});

test('the schema refuses unknown values, but lets parent charts have more under global', () => {
  const schema = JSON.parse(valuesSchema(values, 'x')) as Schema;
  expect(schema).toMatchObject({ title: 'x', additionalProperties: false, required: ['global', 'api'] });
  expect(schema.properties['global']).toMatchObject({ additionalProperties: true });
  expect(schema.properties['api']).toMatchObject({
    additionalProperties: false,
    required: ['replicas', 'mode'],
    properties: {
      replicas: { type: 'integer', minimum: 0, default: 2, description: 'Pods.' },
      mode: { enum: ['fast', 'safe'] },
      hosts: { type: 'array', items: { type: 'string' } },
    },
  });
});

interface Schema {
  readonly properties: Readonly<Record<string, unknown>>;
}

test('the table has a row for every value', () => {
  expect(valuesTable(values).split('\n').slice(2, 5)).toEqual([
    '| `global.registry` | `""` | Registry host. |',
    '| `api.replicas` | `2` | Pods. |',
    String.raw`| ${'`api.mode`'} | ${'`"fast"`'} | Fast \| safe. |`,
  ]);
});

describe('setting', () => {
  test('takes type, limits, default and description from the service', () => {
    expect(setting(z.int().min(1).default(25).meta({ description: 'How many' }))).toEqual({
      kind: 'integer',
      default: 25,
      doc: 'How many',
      schema: { type: 'integer', minimum: 1 },
    });
  });

  test('has an empty text for what is not set, and allows it', () => {
    expect(setting(z.int().min(1).max(9).optional())).toMatchObject({
      default: '',
      schema: { anyOf: [{ type: 'integer', minimum: 1, maximum: 9 }, { const: '' }] },
    });
  });
});
