/**
 * The pictures that are processed: drawn once, the same everywhere, and like photographs in what they cost. A model of natural
 * images called dead leaves (things of all sizes, one before the other, with hard edges) gives the scene, noise of all scales its
 * texture, and noise of a pixel's size the grain of a sensor. Bytes per pixel come out like those of a camera.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { benchDirectory } from './paths.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

const small: Size = { width: 1200, height: 800 };
const medium: Size = { width: 4000, height: 3000 };
const large: Size = { width: 7360, height: 4912 };

const makers = {
  'tiny.png': async () => (await photograph({ width: 64, height: 48 })).png().toBuffer(),
  '1mp.jpg': async () => (await photograph(small)).jpeg({ quality: 94 }).toBuffer(),
  '12mp.jpg': async () => (await photograph(medium)).jpeg({ quality: 94 }).toBuffer(),
  '12mp-progressive.jpg': async () => (await photograph(medium)).jpeg({ quality: 94, progressive: true }).toBuffer(),
  '12mp.png': async () => (await photograph(medium)).png().toBuffer(),
  '36mp.jpg': async () => (await photograph(large)).jpeg({ quality: 94 }).toBuffer(),
  /** A picture with something behind its end, to be exactly so large. */
  '20mb.jpg': async () => paddedTo(20_000_000, await (await photograph(small)).jpeg().toBuffer()),
} satisfies Record<string, () => Promise<Buffer>>;

export type PictureName = keyof typeof makers;

/** Resolves to the path of a picture. */
export async function picture(name: PictureName): Promise<string> {
  const path = join(benchDirectory, 'pictures', name);
  if (existsSync(path)) return path;
  console.log(`drawing ${name}`);
  await mkdir(join(benchDirectory, 'pictures'), { recursive: true });
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, await makers[name]());
  await rename(unfinished, path);
  return path;
}

/** For the reader of the figures: `36.2 MP JPEG, 12.0 MB`. */
export async function describe(name: PictureName): Promise<string> {
  const path = await picture(name);
  const { width, height, format, isProgressive } = await sharp(path).metadata();
  const megapixels = ((width * height) / 1e6).toFixed(0);
  const megabytes = ((await stat(path)).size / 1e6).toFixed(1);
  return `${megapixels} MP ${isProgressive ? 'progressive ' : ''}${format.toUpperCase()}, ${megabytes} MB`;
}

function paddedTo(bytes: number, file: Buffer): Buffer {
  return Buffer.concat([file, Buffer.alloc(bytes - file.length)]);
}

const textureStrength = 0.7;
const grainStrength = 0.5;

async function photograph(size: Size): Promise<Sharp> {
  const random = randomNumbers(1839);
  const pixels = await sharp(Buffer.from(leaves(size, random)), { limitInputPixels: false })
    .removeAlpha()
    .raw()
    .toBuffer();
  const texture = await noiseOfAllScales(size, random);
  for (const [index, sample] of pixels.entries()) {
    const detail = (texture.readUInt8(Math.floor(index / 3)) - 128) * textureStrength;
    pixels[index] = clamp(sample + detail + bell(random()) * grainStrength);
  }
  return sharp(pixels, { raw: { ...size, channels: 3 }, limitInputPixels: false });
}

/** Discs whose number falls with the cube of their radius, as SVG. */
function leaves({ width, height }: Size, random: () => number): string {
  const number = (from: number, to: number): number => from + (random() / 2 ** 32) * (to - from);
  const [least, most] = [width / 400, width / 5];
  const discs = Array.from({ length: 6000 }, () => {
    const radius = 1 / Math.sqrt(number(1 / most ** 2, 1 / least ** 2));
    const [x, y] = [number(0, width), number(0, height)];
    const colour = `hsl(${number(0, 360).toFixed(0)} ${number(0, 22).toFixed(0)}% ${number(12, 88).toFixed(0)}%)`;
    return { radius, svg: `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(1)}" fill="${colour}"/>` };
  });
  // What is near hides what is far; the small in front, or nothing of it would be left to see.
  const ordered = discs.toSorted((one, other) => other.radius - one.radius).map(({ svg }) => svg);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#778"/>${ordered.join('')}</svg>`;
}

/** One channel around 128. Every scale is half as coarse as the one before, and half as strong. */
async function noiseOfAllScales(size: Size, random: () => number): Promise<Buffer> {
  let noise = Buffer.alloc(4 * 3, 128);
  let [width, height] = [4, 3];
  for (let strength = 24; width < size.width; strength = Math.max(1, strength * 0.6)) {
    const [nextWidth, nextHeight] = [Math.min(width * 2, size.width), Math.min(height * 2, size.height)];
    noise = await sharp(noise, { raw: { width, height, channels: 1 }, limitInputPixels: false })
      .resize(nextWidth, nextHeight, { fit: 'fill', kernel: 'cubic' })
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    [width, height] = [nextWidth, nextHeight];
    for (const [index, sample] of noise.entries()) noise[index] = clamp(sample + bell(random()) * strength);
  }
  return height === size.height ? noise : cropped(noise, { width, height }, size);
}

async function cropped(pixels: Buffer, from: Size, to: Size): Promise<Buffer> {
  const image = sharp(pixels, { raw: { ...from, channels: 1 }, limitInputPixels: false });
  return image
    .resize({ ...to, fit: 'fill' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

/** Uniform 32-bit numbers (xorshift). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** From a uniform 32-bit number to one that is nearly normal, with a deviation of 1: its four bytes are like four dice. */
function bell(random: number): number {
  return ((random & 255) + ((random >>> 8) & 255) + ((random >>> 16) & 255) + (random >>> 24) - 510) / 147.8;
}

function clamp(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
