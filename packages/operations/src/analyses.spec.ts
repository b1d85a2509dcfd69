import sharp from 'sharp';
import { analyses } from './registry.js';
import { sample } from './specs/pictures.js';
import { foundValue } from './specs/process.js';

const examples = analyses.flatMap((analysis) =>
  analysis.examples.map((example) => [analysis.id, example.title, example] as const),
);

test.each(examples)('%s: %s', async (analysis, _title, { sample: name, value }) => {
  expect(await foundValue(await sample(name), { analysis })).toEqual(value);
});

test.each(analyses.map(({ id, value }) => [id, value] as const))('%s gives a value of its schema', async (analysis, schema) => {
  expect(schema.safeParse(await foundValue(await sample('photo'), { analysis })).error).toBeUndefined();
});

describe('metadata', () => {
  const camera = sharp({ create: { width: 60, height: 40, channels: 3, background: 'teal' } })
    .withMetadata({ orientation: 6, density: 300 })
    .withExifMerge({
      IFD0: { Make: 'Acme', Copyright: 'Jane' },
      IFD2: { DateTimeOriginal: '2024:05:06 07:08:09', FNumber: '28/10', ExposureTime: '1/50', ISOSpeedRatings: '400' },
      IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' },
    })
    .jpeg()
    .toBuffer();

  test('tells the upright size, and how the pixels are stored', async () => {
    const value = await foundValue(await camera, { analysis: 'metadata' });
    expect(value).toMatchObject({ format: 'jpeg', width: 40, height: 60, orientation: 6, density: 300, has_profile: true });
  });

  test('tells what the camera noted, and nothing of the place', async () => {
    const value = await foundValue(await camera, { analysis: 'metadata' });
    expect(value).toMatchObject({
      exif: { make: 'Acme', copyright: 'Jane', taken_at: '2024-05-06T07:08:09', f_number: 2.8, exposure_seconds: 0.02, iso: 400 },
    });
    expect(JSON.stringify(value)).not.toMatch(/gps|latitude|51/i);
  });
});

test('analyses the picture that the operations make', async () => {
  const operations = [{ operation: 'modulate', brightness: 0 }];
  expect(await foundValue(await sample('photo'), { analysis: 'dominantColour', operations })).not.toBe(
    await foundValue(await sample('photo'), { analysis: 'dominantColour' }),
  );
});
