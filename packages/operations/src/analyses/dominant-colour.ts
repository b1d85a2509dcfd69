import { z } from 'zod';
import { defineAnalysis } from '../define.js';

/** Enough to know what prevails; the histogram of a full picture costs a full decode. */
const maxSide = 200;

export const dominantColour = defineAnalysis({
  id: 'dominantColour',
  title: 'Dominant colour',
  description: 'The colour that the most pixels have, counted in 4096 bins; transparent pixels do not count.',
  of: 'pixels',
  commutesWithShrink: true,
  minSide: maxSide,
  value: z
    .string()
    .regex(/^#[0-9a-f]{6}$/)
    .meta({ description: 'The colour, `#rrggbb`' }),
  async analyse(image, { open }) {
    const small = image.resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true, kernel: 'nearest' });
    const pixels = visiblePixels(await small.toColourspace('srgb').ensureAlpha().raw().toBuffer());
    if (pixels.length === 0) return '#000000';
    const { dominant } = await open(pixels, { width: pixels.length / 3, height: 1, channels: 3 }).stats();
    return `#${[dominant.r, dominant.g, dominant.b].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  },
  examples: [{ title: 'Of a drawing', sample: 'icon', value: '#b82838' }],
});

/** RGB of those pixels of an RGBA picture that are more opaque than transparent. */
function visiblePixels(rgba: Buffer): Buffer {
  const rgb = Buffer.alloc((rgba.length / 4) * 3);
  let end = 0;
  for (let pixel = 0; pixel < rgba.length; pixel += 4) {
    if (rgba.readUInt8(pixel + 3) >= 128) end += rgba.copy(rgb, end, pixel, pixel + 3);
  }
  return rgb.subarray(0, end);
}
