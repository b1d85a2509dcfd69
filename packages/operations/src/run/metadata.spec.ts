import exifReader from 'exif-reader';
import sharp from 'sharp';
import { runJob, runOne } from '../specs/job.js';
import { painted } from '../specs/pictures.js';

const photo = painted(48, 32, (x, y) => [5 * x, 7 * y, 90])
  .withExif({
    IFD0: { Artist: 'Ada', Copyright: '(C) Ada 1843', Make: 'Daguerre' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
  })
  .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>London</place></x:xmpmeta>')
  .jpeg()
  .toBuffer();
const pipelines: readonly (readonly [string, object[]])[] = [
  ['as it is', []],
  ['shrunk', [{ operation: 'resize', width: 24 }]],
  ['through several pipelines', [{ operation: 'blur' }, { operation: 'resize', width: 24 }]],
];

describe.each(pipelines)('metadata %s', (_title, operations) => {
  test('is stripped by default', async () => {
    const { images } = await runJob(await photo, [{ operations }, { operations, format: 'webp' }]);
    for (const image of images) {
      const { exif, xmp, iptc, icc } = await sharp(image!).metadata();
      expect({ exif, xmp, iptc, icc }).toEqual({});
    }
  });

  test('names author and rights holder under copyright, and no place', async () => {
    for (const format of ['jpeg', 'png', 'webp']) {
      const image = await runOne(await photo, { operations, format, metadata: 'copyright' });
      const { exif, xmpAsString } = await sharp(image).metadata();
      const { Image, GPSInfo } = exifReader(exif!);
      expect(Image).toMatchObject({ Artist: 'Ada', Copyright: '(C) Ada 1843' });
      expect(Image?.Make).toBeUndefined();
      expect(GPSInfo).toBeUndefined();
      // EXIF speaks ASCII only; XMP has the words as they were.
      expect(xmpAsString).toContain('Ada');
      expect(xmpAsString).not.toContain('London');
    }
  });

  test('is kept on request', async () => {
    const image = await runOne(await photo, { operations, metadata: 'keep' });
    const { exif, xmpAsString } = await sharp(image).metadata();
    expect(exifReader(exif!)).toMatchObject({ Image: { Artist: 'Ada', Make: 'Daguerre' }, GPSInfo: { GPSLatitudeRef: 'N' } });
    expect(xmpAsString).toContain('London');
  });
});

test('does not turn a picture a second time by the orientation it keeps', async () => {
  const turned = await sharp(await photo)
    .keepMetadata()
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const image = await runOne(turned, { operations: [], metadata: 'keep' });
  const { width, height, orientation } = await sharp(image).metadata();
  expect({ width, height, orientation: orientation ?? 1 }).toEqual({ width: 32, height: 48, orientation: 1 });
});
