import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { painted } from '../specs/pictures.js';
import { runJob } from '../specs/job.js';

const thumbnail = { operations: [{ operation: 'resize', width: 20 }], format: 'png' };
const gradient = painted(64, 48, (x, y) => [4 * x, 5 * y, 128]);
const jpeg = await gradient.clone().jpeg().toBuffer();
const png = await gradient.clone().png().toBuffer();

describe('a source', () => {
  test.each<[string, string, Buffer | Promise<Buffer>]>([
    ['an empty file', 'unsupported_format', Buffer.alloc(0)],
    ['a text', 'unsupported_format', Buffer.from('Not a picture, whatever its name says.')],
    ['an HEIC photo', 'unsupported_format', brandedAs('heic')],
    [
      'an SVG that reads a file',
      'unsupported_format',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/hostname"/></svg>'),
    ],
    ['a BMP', 'unsupported_format', Buffer.from('BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0')],
    ['a JPEG cut in its header', 'corrupt_image', jpeg.subarray(0, 20)],
    ['a JPEG cut in its pixels', 'corrupt_image', jpeg.subarray(0, jpeg.length * 0.7)],
    ['a PNG cut in its pixels', 'corrupt_image', png.subarray(0, png.length - 60)],
    ['a PNG with a flipped byte', 'corrupt_image', flipped(png, 60)],
    ['a WebP cut in its pixels', 'corrupt_image', gradient.clone().webp().toBuffer().then(half)],
    ['an AVIF cut in its pixels', 'corrupt_image', gradient.clone().avif({ effort: 0 }).toBuffer().then(half)],
    ['a TIFF cut in its pixels', 'corrupt_image', gradient.clone().tiff({ compression: 'none' }).toBuffer().then(half)],
    ['a PNG of 30000×30000 pixels', 'pixel_limit_exceeded', bomb(30_000, 30_000)],
    ['an animation of 300 frames', 'frame_limit_exceeded', animation(8, 8, 300)],
    ['an animation with too many pixels in all its frames', 'pixel_limit_exceeded', animation(1200, 1000, 45)],
  ])('that is %s is refused as %s', async (_title, code, bytes) => {
    const job = runJob(await bytes, [thumbnail, thumbnail]);
    await expect(job).rejects.toMatchObject({ name: 'ImageError', code });
    await expect(job).rejects.not.toMatchObject({ detail: expect.stringMatching(/vips|\/tmp|heif:|lib/i) });
  });

  test('of a format that is not allowed is refused', async () => {
    const job = runJob(png, [thumbnail], { limits: { inputFormats: ['jpeg', 'tiff'] } });
    await expect(job).rejects.toMatchObject({ code: 'unsupported_format', detail: expect.stringContaining('jpeg, tiff') });
  });

  test('tells about itself first', async () => {
    const { source } = await runJob(
      await gradient.clone().withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer(),
      [thumbnail],
    );
    expect(source).toEqual({
      format: 'jpeg',
      width: 48,
      height: 64,
      pages: 1,
      orientation: 6,
      hasAlpha: false,
      channels: 3,
      depth: 'uchar',
      progressive: true,
      space: 'srgb',
      hasProfile: true,
    });
  });

  test('that is an animated PNG counts as its default image', async () => {
    const actl = Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]);
    const apng = Buffer.concat([png.subarray(0, 33), chunk('acTL', actl), png.subarray(33)]);
    const { source, results } = await runJob(apng, [{ operations: [], format: 'webp' }]);
    expect(source.pages).toBe(1);
    expect(results).toMatchObject([{ status: 'completed', pages: 1, width: 64, height: 48 }]);
  });
});

describe('prepareSharp', () => {
  // In a process of its own, as libvips would keep the loaders blocked for the other tests.
  test('leaves the loaders of the allowed formats and no others', async () => {
    const module = new URL('./index.js', import.meta.url).href;
    const script = `
      import sharp from 'sharp';
      import { prepareSharp } from '${module}';
      const gradient = () => sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } });
      const files = { jpeg: await gradient().jpeg().toBuffer(), gif: await gradient().gif().toBuffer(), svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>') };
      await prepareSharp({ inputFormats: ['jpeg', 'png'] });
      const readable = {};
      for (const [format, bytes] of Object.entries(files)) readable[format] = await sharp(bytes).metadata().then(() => true, () => false);
      console.log(JSON.stringify({ readable, threads: sharp.concurrency(), cached: sharp.cache().items.max }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
    });
    expect(JSON.parse(stdout)).toEqual({ readable: { jpeg: true, gif: false, svg: false }, threads: 1, cached: 0 });
  });

  test('draws texts without the fonts of the machine', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tintype-spec-'));
    try {
      const fonts = fileURLToPath(new URL('../../fonts', import.meta.url));
      // A machine that has a font of that name, and draws it in its own way.
      const configuration = join(directory, 'fonts.conf');
      await writeFile(
        configuration,
        `<fontconfig><dir>${fonts}</dir><cachedir>${directory}</cachedir>
          <match target="font"><edit name="embolden"><bool>true</bool></edit></match></fontconfig>`,
      );
      const letters = (how: string): Promise<string> => textDrawn(how, fonts, { FONTCONFIG_FILE: configuration });
      const prepared = await letters('prepared');
      expect(prepared).toBe(await textDrawn('prepared', fonts, {}));
      expect(prepared).not.toBe(await letters('unprepared'));
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  async function textDrawn(how: string, fonts: string, env: Record<string, string>): Promise<string> {
    const script = `
      import sharp from 'sharp';
      import { prepareSharp } from '${new URL('./index.js', import.meta.url).href}';
      if ('${how}' === 'prepared') await prepareSharp({ inputFormats: ['jpeg', 'png'] });
      const letters = sharp({ text: { text: 'Tintype', font: 'DejaVu Sans 32', fontfile: '${fonts}/DejaVuSans.ttf', dpi: 72 } });
      console.log((await letters.raw().toBuffer()).toString('base64'));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      env,
    });
    return stdout;
  }
});

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 0xff;
  return copy;
}

/** An AVIF with another brand. */
async function brandedAs(brand: string): Promise<Buffer> {
  const bytes = await gradient.clone().avif({ effort: 0 }).toBuffer();
  bytes.write(brand, 8, 'latin1');
  return bytes;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A small file whose header promises many pixels. */
function bomb(width: number, height: number): Buffer {
  const header = Buffer.from(png.subarray(16, 29));
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', header), png.subarray(33)]);
}

function animation(width: number, height: number, frames: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * frames * 3);
  for (let frame = 0; frame < frames; frame += 1)
    pixels.fill(frame % 251, frame * width * height * 3, (frame + 1) * width * height * 3);
  return sharp(pixels, { raw: { width, height: height * frames, channels: 3, pageHeight: height }, limitInputPixels: false })
    .gif({ effort: 1, keepDuplicateFrames: true })
    .toBuffer();
}
