/** Sample pictures, made on the spot: the same call gives the same bytes. */
import sharp, { type Sharp } from 'sharp';

/** A colourful scene as JPEG that compresses like a photograph; RGB, no alpha. */
export function photo(width = 640, height = 480): Promise<Buffer> {
  return scene(width, height).jpeg({ quality: 85 }).toBuffer();
}

/** A drawing on a transparent ground, as PNG. */
export function icon(side = 64): Promise<Buffer> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 64 64">
    <circle cx="32" cy="32" r="28" fill="#c33" fill-opacity="0.8"/><path d="M16 40 L32 14 L48 40 Z" fill="#fc3"/></svg>`;
  return sharp(Buffer.from(drawing)).png().toBuffer();
}

/** Each frame has a colour of its own; 100 ms a frame, endless. */
export function animatedGif({ width = 48, height = 32, frames = 4 } = {}): Promise<Buffer> {
  return animation(width, height, frames)
    .gif({ delay: Array<number>(frames).fill(100), loop: 0 })
    .toBuffer();
}

export function animatedWebp({ width = 48, height = 32, frames = 4 } = {}): Promise<Buffer> {
  return animation(width, height, frames)
    .webp({ delay: Array<number>(frames).fill(100), loop: 0 })
    .toBuffer();
}

/** A JPEG whose stored pixels are `width`×`height` and whose EXIF says how to turn them (1–8). */
export function exifJpeg(orientation: number, width = 60, height = 40): Promise<Buffer> {
  return scene(width, height)
    .withMetadata({ orientation })
    .withExifMerge({
      IFD0: { Copyright: 'Tintype', Artist: 'Somebody' },
      IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' },
    })
    .jpeg()
    .toBuffer();
}

/** A JPEG in the colours of a printing press, with their profile. */
export function cmykJpeg(width = 64, height = 48): Promise<Buffer> {
  return scene(width, height).toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer();
}

/** A PNG with 16 bits for each sample. */
export function deepPng(width = 64, height = 48): Promise<Buffer> {
  return scene(width, height).toColourspace('rgb16').png().toBuffer();
}

/** A JPEG of which the second half is missing. */
export async function truncatedJpeg(): Promise<Buffer> {
  const whole = await photo(320, 240);
  return whole.subarray(0, whole.length / 2);
}

/** A PNG of a few bytes that claims to be huge. Without pixels: whoever decodes it before a look at its size fails otherwise. */
export function pngBomb(width = 50_000, height = 50_000): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  const emptyZlibStream = Buffer.from([0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', emptyZlibStream),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A well-formed document of a kind that is never accepted as a source. */
export function svg(): Buffer {
  return Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="red"/></svg>\n',
  );
}

export function text(): Buffer {
  return Buffer.from('This is not an image, whatever its name says.\n');
}

function scene(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const grain = ((x * 7919 + y * 104_729) % 17) - 8;
      const hill = Math.sin((x / width) * 9) * 0.08 + 0.7 > y / height;
      pixels[at] = clamp((hill ? 240 - 120 * (y / height) : 60) + grain);
      pixels[at + 1] = clamp((hill ? 120 + 60 * (x / width) : 90 + 40 * Math.sin(x / 5)) + grain);
      pixels[at + 2] = clamp((hill ? 80 + 150 * (y / height) : 50) + grain);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

function animation(width: number, height: number, frames: number): Sharp {
  const bytesPerFrame = width * height * 3;
  const pixels = Buffer.alloc(bytesPerFrame * frames);
  for (let frame = 0; frame < frames; frame++) {
    const colour = [(frame * 67) % 256, (255 - frame * 53) & 255, (frame * 131) % 256];
    for (let at = 0; at < bytesPerFrame; at++) pixels[frame * bytesPerFrame + at] = colour[at % 3] ?? 0;
  }
  return sharp(pixels, { raw: { width, height: height * frames, channels: 3, pageHeight: height } });
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** As PNG wants it. (zlib.crc32 came after Node 20.) */
function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
