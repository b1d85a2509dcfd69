import { z } from 'zod';
import { describeSettings } from './describe.js';
import { processSettings } from './process-settings.js';
import { settingsReference } from './reference.js';

describe('describeSettings', () => {
  test('tells name, form, default and whether it is required or secret', () => {
    const settings = describeSettings({
      URL: z.url().meta({ description: 'Where it is', secret: true }),
      COUNT: z.int().min(0).default(3).meta({ description: 'How many' }),
    });
    expect(settings).toEqual([
      { name: 'URL', description: 'Where it is', form: 'a URL', required: true, secret: true },
      { name: 'COUNT', description: 'How many', form: 'an integer, at least 0', default: '3', required: false, secret: false },
    ]);
  });

  test('finds a description for each of our own', () => {
    for (const { description } of describeSettings(processSettings)) expect(description).not.toBe('');
  });
});

describe('settingsReference', () => {
  test('makes a table of each group', () => {
    const page = settingsReference([
      { title: 'Every service', settings: processSettings },
      { title: 'Database', settings: { PASSWORD: z.string().meta({ description: 'a|b', secret: true }) } },
      {
        title: 'Files',
        settings: {
          BUCKET: z
            .string()
            .optional()
            .meta({ description: 'Where', requiredWith: { name: 'DRIVER', value: 's3' } }),
        },
      },
    ]);
    expect(page).toContain('## Every service\n');
    expect(page).toContain('| `LOG_LEVEL` | one of fatal, error, warn, info, debug, trace, silent | `info` |');
    expect(page).toContain('## Database\n');
    expect(page).toContain('| `PASSWORD` | text, secret | **required** | a\\|b |');
    expect(page).toContain('| `BUCKET` | text | **required** with `DRIVER=s3` | Where |');
  });
});
