import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { loadSettings, SettingsError, type SettingsShape } from './load.js';

const shape = {
  HOST: z.string().min(1).meta({ description: 'Host of the database' }),
  PORT: z.int().min(1).max(65_535).default(5432).meta({ description: 'Port of the database' }),
  RATIO: z.number().positive().max(1).optional(),
  COERCED: z.coerce.number().int().min(1).default(4),
  VERBOSE: z.boolean().default(false),
  MODE: z.enum(['fast', 'safe']).default('safe'),
  FORMATS: z.array(z.enum(['jpeg', 'png', 'webp'])).default(['jpeg']),
  DIRECTORY: z.string().startsWith('/').default('/data').meta({ form: 'an absolute path' }),
  SIZES: z.array(z.int()).optional(),
  PASSWORD: z.string().min(1).optional().meta({ secret: true, description: 'Password of the database' }),
};

describe('loadSettings', () => {
  test('reads numbers, booleans, choices and lists from text, and fills in defaults', () => {
    const env = {
      HOST: 'db',
      PORT: '6000',
      RATIO: '0.5',
      COERCED: '8',
      VERBOSE: 'true',
      MODE: 'fast',
      FORMATS: 'png, webp',
      SIZES: '1,2',
      OTHER: 'x',
    };
    expect(loadSettings(shape, env)).toEqual({
      HOST: 'db',
      PORT: 6000,
      RATIO: 0.5,
      COERCED: 8,
      VERBOSE: true,
      MODE: 'fast',
      FORMATS: ['png', 'webp'],
      DIRECTORY: '/data',
      SIZES: [1, 2],
      PASSWORD: undefined,
    });
    expect(loadSettings(shape, { HOST: 'db' })).toMatchObject({ PORT: 5432, COERCED: 4, VERBOSE: false, FORMATS: ['jpeg'] });
  });

  test.each([
    ['false', false],
    ['0', false],
    ['1', true],
    ['TRUE', true],
  ])('reads %j as a boolean', (text, expected) => {
    expect(loadSettings({ VERBOSE: z.boolean() }, { VERBOSE: text })).toEqual({ VERBOSE: expected });
  });

  test('takes an empty variable for unset', () => {
    expect(loadSettings(shape, { HOST: 'db', PORT: '', PASSWORD: '', PASSWORD_FILE: '' })).toMatchObject({
      PORT: 5432,
      PASSWORD: undefined,
    });
    expect(reasons(shape, { HOST: '' })).toEqual(['HOST is missing; it must be text (Host of the database)']);
  });

  test('reports all faults together, with what is expected', () => {
    const env = {
      PORT: '99999',
      RATIO: '2',
      COERCED: '0',
      VERBOSE: 'maybe',
      MODE: 'slow',
      FORMATS: 'jpeg,bmp',
      DIRECTORY: 'data',
      SIZES: 'x',
    };
    expect(reasons(shape, env)).toEqual([
      'HOST is missing; it must be text (Host of the database)',
      'PORT must be an integer from 1 to 65535 (Port of the database)',
      'RATIO must be a number, at most 1 and greater than 0',
      'COERCED must be an integer, at least 1',
      'VERBOSE must be true or false',
      'MODE must be one of fast, safe',
      'FORMATS must be a list, parted by commas, where each is one of jpeg, png, webp',
      'DIRECTORY must be an absolute path',
      'SIZES must be a list, parted by commas, where each is an integer',
    ]);
  });

  test.each(['12abc', '0x10', '1e3', ' 5', '--5', 'NaN'])('does not take %j for a number', (text) => {
    expect(() => loadSettings({ PORT: z.int() }, { PORT: text })).toThrow(SettingsError);
  });

  test('never shows a value', () => {
    const env = { PORT: 'hunter2', MODE: 'hunter2', FORMATS: 'hunter2', PASSWORD: 'hunter2', PASSWORD_FILE: '/hunter2' };
    const error = faultOf(shape, env);
    expect(error?.faults.length).toBeGreaterThan(3);
    expect(error?.message).not.toContain('hunter2');
    expect(JSON.stringify(error?.faults)).not.toContain('hunter2');
  });

  describe('with settings that others require', () => {
    const dependent = {
      DRIVER: z.enum(['disk', 'cloud']).default('disk'),
      DIRECTORY: z
        .string()
        .startsWith('/')
        .optional()
        .meta({
          description: 'Directory of the disk',
          form: 'an absolute path',
          requiredWith: { name: 'DRIVER', value: 'disk' },
        }),
      BUCKET: z
        .string()
        .optional()
        .meta({ requiredWith: { name: 'DRIVER', value: 'cloud' } }),
      KEY_ID: z
        .string()
        .optional()
        .meta({ requiredWith: { name: 'KEY' } }),
      KEY: z
        .string()
        .optional()
        .meta({ secret: true, requiredWith: { name: 'KEY_ID' } }),
    };

    test.each([
      [{}, ['DIRECTORY is required with DRIVER=disk; it must be an absolute path (Directory of the disk)']],
      [{ DIRECTORY: '/data' }, []],
      [{ DRIVER: 'cloud' }, ['BUCKET is required with DRIVER=cloud; it must be text']],
      [{ DRIVER: 'cloud', BUCKET: 'images' }, []],
      [{ DRIVER: 'cloud', BUCKET: 'images', KEY_ID: 'me' }, ['KEY is required with KEY_ID; it must be text']],
      [{ DRIVER: 'cloud', BUCKET: 'images', KEY: 'x' }, ['KEY_ID is required with KEY; it must be text']],
      [{ DRIVER: 'cloud', BUCKET: 'images', KEY_ID: 'me', KEY: 'x' }, []],
    ])('finds what is missing in %j', (env, expected) => {
      expect(reasons(dependent, env)).toEqual(expected);
    });

    test('tells a wrong value but once, and nothing about what depends on it', () => {
      expect(reasons(dependent, { DRIVER: 'tape', DIRECTORY: 'data' })).toEqual([
        'DRIVER must be one of disk, cloud',
        'DIRECTORY must be an absolute path (Directory of the disk)',
      ]);
      expect(reasons(dependent, { DRIVER: 'cloud', BUCKET: 'images', KEY_ID: 'me', KEY_FILE: '/missing' })).toEqual([
        'KEY_FILE must be the path of a readable file',
      ]);
    });
  });

  describe('with a limit that must not end before another', () => {
    const limits = {
      SHORT: z.number().min(0).default(7),
      LONG: z.number().min(0).default(30).meta({ notBelow: 'SHORT', description: 'Days' }),
    };
    const fault = 'LONG must not be less than SHORT, where 0 is no limit; it must be a number, at least 0 (Days)';

    test.each([
      [{}, []],
      [{ SHORT: '30' }, []],
      [{ SHORT: '31' }, [fault]],
      [{ LONG: '6.5' }, [fault]],
      [{ LONG: '0' }, []],
      [{ SHORT: '0', LONG: '0' }, []],
      [{ SHORT: '0' }, [fault]],
      [{ SHORT: '-1', LONG: '-2' }, ['SHORT must be a number, at least 0', 'LONG must be a number, at least 0 (Days)']],
    ])('compares them in %j', (env, expected) => {
      expect(reasons(limits, env)).toEqual(expected);
    });
  });

  describe('with secrets in files', () => {
    const directory = mkdtempSync(join(tmpdir(), 'settings-'));
    const file = join(directory, 'password');
    writeFileSync(file, 'from a file\n');
    afterAll(() => rmSync(directory, { recursive: true }));

    test('reads a secret from the file that NAME_FILE names', () => {
      expect(loadSettings(shape, { HOST: 'db', PASSWORD_FILE: file }).PASSWORD).toBe('from a file');
    });

    test('does so for secrets only', () => {
      expect(reasons(shape, { HOST_FILE: file })).toEqual(['HOST is missing; it must be text (Host of the database)']);
    });

    test('refuses a secret that is given twice, and a file that cannot be read', () => {
      expect(reasons(shape, { HOST: 'db', PASSWORD: 'x', PASSWORD_FILE: file })).toEqual([
        'PASSWORD_FILE is set beside PASSWORD; set only one of them',
      ]);
      expect(reasons(shape, { HOST: 'db', PASSWORD_FILE: join(directory, 'missing') })).toEqual([
        'PASSWORD_FILE must be the path of a readable file',
      ]);
    });
  });
});

function faultOf(settings: SettingsShape, env: NodeJS.ProcessEnv): SettingsError | undefined {
  try {
    loadSettings(settings, env);
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
}

function reasons(settings: SettingsShape, env: NodeJS.ProcessEnv): string[] {
  return faultOf(settings, env)?.faults.map(({ name, reason }) => `${name} ${reason}`) ?? [];
}
