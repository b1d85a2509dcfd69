import type { OverlayOptions } from 'sharp';
import { z } from 'zod';
import { defineOperation, type Size } from '../define.js';

export const roundCorners = defineOperation({
  id: 'roundCorners',
  title: 'Round corners',
  description: 'Makes the corners round and what lies outside transparent; formats without transparency show it black.',
  options: {
    radius: z.int().min(1).max(8192).optional().meta({ description: 'Radius of the corners, in pixels' }),
    percent: z
      .number()
      .min(0.1)
      .max(50)
      .optional()
      .meta({ description: 'Radius in percent of the shorter side; 50 makes a circle of a square' }),
  },
  stage: 'composite',
  frames: 'separately',
  commutesWithShrink: false,
  check({ radius, percent }, context) {
    if ((radius === undefined) === (percent === undefined)) {
      context.addIssue({ code: 'custom', path: ['radius'], message: 'Expected either a radius or a percentage' });
    }
  },
  size: (before) => before,
  apply: (image, options, { size }) => image.composite(corners(size, radiusOf(size, options))),
  examples: [
    { title: 'By 12 pixels', options: { radius: 12 }, sample: 'photo', size: { width: 96, height: 64 } },
    { title: 'As round as it gets', options: { percent: 50 }, sample: 'photo', size: { width: 96, height: 64 } },
  ],
});

function radiusOf(size: Size, { radius, percent = 0 }: { radius?: number | undefined; percent?: number | undefined }): number {
  const shorter = Math.min(size.width, size.height);
  return Math.min(Math.max(1, radius ?? Math.round((shorter * percent) / 100)), Math.floor(shorter / 2));
}

/** The four corner pieces, opaque where the picture has to go: cheaper than a mask of the size of the picture. */
function corners({ width, height }: Size, radius: number): OverlayOptions[] {
  if (radius === 0) return [];
  return [
    { left: 0, top: 0, right: false, bottom: false },
    { left: width - radius, top: 0, right: true, bottom: false },
    { left: 0, top: height - radius, right: false, bottom: true },
    { left: width - radius, top: height - radius, right: true, bottom: true },
  ].map(({ left, top, right, bottom }) => ({
    input: corner(radius, right, bottom),
    raw: { width: radius, height: radius, channels: 2 },
    blend: 'dest-out',
    left,
    top,
  }));
}

/** Black with an alpha channel: 255 outside the circle, in between on its edge. */
function corner(radius: number, right: boolean, bottom: boolean): Buffer {
  const pixels = Buffer.alloc(radius * radius * 2);
  for (let y = 0; y < radius; y++) {
    const down = bottom ? y + 0.5 : radius - y - 0.5;
    for (let x = 0; x < radius; x++) {
      const across = right ? x + 0.5 : radius - x - 0.5;
      const outside = Math.min(1, Math.max(0, Math.hypot(across, down) - radius + 0.5));
      pixels[(y * radius + x) * 2 + 1] = Math.round(outside * 255);
    }
  }
  return pixels;
}
