/** The sample pictures of the examples. Computed pixel by pixel, so that they are the same with every version of sharp. */
import sharp, { type Sharp } from 'sharp';
import type { Pixel, Sample } from '../define.js';

type Paint = (x: number, y: number) => Pixel;

/** Encoded without loss. */
export function sample(name: Sample): Promise<Buffer> {
  if (name === 'photo') return painted(96, 64, landscape).png().toBuffer();
  if (name === 'icon') return painted(64, 64, badge).png().toBuffer();
  return animation();
}

/** A plain 8×8 picture. */
export function plain(pixel: Pixel): Promise<Buffer> {
  return painted(8, 8, () => pixel)
    .png()
    .toBuffer();
}

export function painted(width: number, height: number, paint: Paint): Sharp {
  const { data, channels } = pixels(width, height, paint);
  return sharp(data, { raw: { width, height, channels } });
}

function pixels(width: number, height: number, paint: Paint): { data: Buffer; channels: 3 | 4 } {
  const values = Array.from({ length: width * height }, (_, index) => paint(index % width, Math.floor(index / width)));
  return { data: Buffer.from(values.flat()), channels: values[0]?.length === 4 ? 4 : 3 };
}

/** A sky, a sun at the right, and hills with a fine pattern. */
function landscape(x: number, y: number): Pixel {
  if (Math.hypot(x - 74, y - 16) < 9) return [250, 220, 90];
  const hills = 42 + 6 * Math.sin(x / 9);
  if (y < hills) return [90 + y, 140 + y, 220];
  const grain = (x * 7 + y * 13) % 29;
  return [40 + grain, 110 + 2 * grain - y / 2, 50].map(Math.round) as [number, number, number];
}

/** A disc of 48 pixels with a half transparent hole. */
function badge(x: number, y: number): Pixel {
  const distance = Math.hypot(x - 31.5, y - 31.5);
  if (distance > 24) return [0, 0, 0, 0];
  return distance < 10 ? [255, 200, 0, 128] : [190, 40, 60, 255];
}

/** A bar that moves from frame to frame. */
function animation(): Promise<Buffer> {
  const { data, channels } = pixels(48, 32 * 4, (x, y) => {
    const frame = Math.floor(y / 32);
    return Math.abs(x - 6 - 12 * frame) < 5 && y % 32 > 6 ? [220, 60, 40] : [30, 60 + 40 * frame, 120];
  });
  return sharp(data, { raw: { width: 48, height: 32 * 4, channels, pageHeight: 32 }, animated: true })
    .gif({ delay: [100, 100, 100, 100], loop: 0, dither: 0 })
    .toBuffer();
}
