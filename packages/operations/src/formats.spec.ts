import exifReader from 'exif-reader';
import sharp, { type Metadata } from 'sharp';
import { formats } from './registry.js';
import { painted, sample } from './specs/pictures.js';
import { madeImage } from './specs/process.js';

const ids = formats.map(({ id }) => id);

test.each(formats.map((format) => [format.id, format] as const))('%s is written as what it says', async (id, format) => {
  const made = await madeImage(await sample('icon'), { format: id });
  const { mediaType, hasAlpha } = await sharp(made.data).metadata();
  expect(made).toMatchObject({ format: id, mediaType: format.mediaType, width: 64, height: 64 });
  expect({ mediaType, hasAlpha }).toEqual({ mediaType: format.mediaType, hasAlpha: format.canAlpha });
});

const animated = { pages: 4, loop: 0, delay: [100, 100, 100, 100] };

test.each(formats.map(({ id, canAnimate }) => [id, canAnimate ? animated : { pages: 1 }] as const))(
  '%s makes of an animation: %j',
  async (format, { pages, ...timing }) => {
    const made = await madeImage(await sample('animation'), { format, operations: [{ operation: 'resize', width: 24 }] });
    expect(made).toMatchObject({ width: 24, height: 16, pages });
    expect(await sharp(made.data).metadata()).toMatchObject(timing);
  },
);

test.each(['gif', 'webp'])('%s takes a timing of its own', async (format) => {
  const made = await madeImage(await sample('animation'), { format, loop: 3, delay: 40 });
  expect(await sharp(made.data).metadata()).toMatchObject({ loop: 3, delay: [40, 40, 40, 40] });
});

test.each(['jpeg', 'webp', 'avif', 'tiff'])('%s of a lower quality is smaller', async (format) => {
  const photo = await noisy();
  const compression = format === 'tiff' ? { compression: 'jpeg' } : {};
  const fine = await madeImage(photo, { format, quality: 90, ...compression });
  const coarse = await madeImage(photo, { format, quality: 20, ...compression });
  expect(coarse.bytes).toBeLessThan(fine.bytes);
});

test.each([
  ['jpeg', { progressive: true }, { isProgressive: true }],
  ['jpeg', { mozjpeg: true }, { isProgressive: true }],
  ['jpeg', { chromaSubsampling: '4:4:4' }, { chromaSubsampling: '4:4:4' }],
  ['png', { palette: true, colours: 4 }, { isPalette: true, bitsPerSample: 2 }],
  ['png', { palette: false, quality: 10 }, { isPalette: false }],
  ['png', { progressive: true }, { isProgressive: true }],
] as const)('%s with %j is %j', async (format, options, facts) => {
  const made = await madeImage(await sample('photo'), { format, ...options });
  expect(await sharp(made.data).metadata()).toMatchObject(facts);
});

test.each(['webp', 'avif', 'png', 'tiff'])('%s can be without loss', async (format) => {
  const lossless = format === 'webp' || format === 'avif' ? { lossless: true } : {};
  const photo = await sample('photo');
  const made = await madeImage(photo, { format, ...lossless });
  expect(await sharp(made.data).removeAlpha().raw().toBuffer()).toEqual(await sharp(photo).removeAlpha().raw().toBuffer());
});

describe.each(ids.filter((id) => id !== 'gif'))('metadata in %s', (format) => {
  test('is removed by default', async () => {
    const { exif, xmp, iptc } = await metadataOf(await authored(), { format });
    expect([exif, xmp, iptc]).toEqual([undefined, undefined, undefined]);
  });

  test('can be reduced to the names of author and rights holder', async () => {
    const { xmpAsString } = await metadataOf(await authored(), {
      format,
      metadata: 'copyright',
      operations: [{ operation: 'sepia' }],
    });
    expect(xmpAsString).toContain('Jane &amp; Co');
    expect(xmpAsString).toContain('All rights reserved');
    expect(xmpAsString).not.toContain('Acme');
  });

  test('keeps the names that only XMP had', async () => {
    const { xmpAsString } = await metadataOf(await describedByXmp(), { format, metadata: 'copyright' });
    expect(xmpAsString).toContain('<rdf:li>Ada &lt;Lovelace&gt;</rdf:li>');
  });
});

// TIFF has no EXIF block of its own.
test.each(['jpeg', 'png', 'webp', 'avif'])(
  '%s has the names of author and rights holder in EXIF too, and no more',
  async (format) => {
    const { exif } = await metadataOf(await authored(), { format, metadata: 'copyright' });
    const tags = exifReader(exif ?? Buffer.alloc(0));
    expect(tags.Image).toMatchObject({ Artist: 'Jane & Co', Copyright: 'All rights reserved' });
    expect(tags.Image).not.toHaveProperty('Make');
    expect(tags).not.toHaveProperty('GPSInfo');
  },
);

test.each(['jpeg', 'png', 'webp'])('%s can keep all metadata', async (format) => {
  const { exif } = await metadataOf(await authored(), { format, metadata: 'keep' });
  expect(exifReader(exif ?? Buffer.alloc(0))).toMatchObject({ Image: { Make: 'Acme' }, GPSInfo: { GPSLatitudeRef: 'N' } });
});

describe('the colour profile', () => {
  test('is kept, and the numbers with it', async () => {
    const source = await wide();
    const { icc } = await metadataOf(source, { format: 'png' });
    expect(icc).toEqual((await sharp(source).metadata()).icc);
  });

  test('can be turned to sRGB, which changes the numbers and not the colours', async () => {
    const source = await wide();
    expect([...(await sharp(source).keepIccProfile().raw().toBuffer()).subarray(0, 3)]).not.toEqual([200, 80, 60]);
    const { data } = await madeImage(source, { format: 'png', profile: 'srgb' });
    const made = [...(await sharp(data).keepIccProfile().raw().toBuffer()).subarray(0, 3)];
    expect(made.map((value, index) => Math.abs(value - ([200, 80, 60][index] ?? 0)) <= 2)).toEqual([true, true, true]);
  });

  test('can be turned to Display P3', async () => {
    expect((await metadataOf(await sample('photo'), { format: 'png', profile: 'p3' })).hasProfile).toBe(true);
  });
});

async function metadataOf(source: Buffer, output: object): Promise<Metadata> {
  return sharp((await madeImage(source, output)).data).metadata();
}

function noisy(): Promise<Buffer> {
  return painted(120, 80, (x, y) => [(x * 37 + y * 91) % 256, (x * 13 + y * 17) % 256, (x * y) % 256])
    .png()
    .toBuffer();
}

function authored(): Promise<Buffer> {
  return painted(24, 16, () => [200, 100, 50])
    .withExif({
      IFD0: { Artist: 'Jane & Co', Copyright: 'All rights reserved', Make: 'Acme' },
      IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' },
    })
    .jpeg()
    .toBuffer();
}

function describedByXmp(): Promise<Buffer> {
  const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:creator><rdf:Seq><rdf:li>Ada &lt;Lovelace&gt;</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>`;
  return painted(24, 16, () => [200, 100, 50])
    .withXmp(packet)
    .jpeg()
    .toBuffer();
}

/** The sRGB colour (200, 80, 60), in Display P3. */
function wide(): Promise<Buffer> {
  return painted(8, 8, () => [200, 80, 60])
    .withIccProfile('p3')
    .png()
    .toBuffer();
}
