import { rgbaToThumbHash } from 'thumbhash';
import { z } from 'zod';
import { defineAnalysis } from '../define.js';

/** The algorithm takes pictures up to this side. */
const maxSide = 100;

export const thumbhash = defineAnalysis({
  id: 'thumbhash',
  title: 'ThumbHash',
  description: 'About 25 bytes to show, blurred, in place of the picture while it loads (https://evanw.github.io/thumbhash).',
  of: 'pixels',
  commutesWithShrink: true,
  minSide: maxSide,
  value: z.base64().meta({ description: 'The hash, in base64' }),
  async analyse(image) {
    const small = image.resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true });
    const { data, info } = await small.toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
  },
  examples: [{ title: 'Of a photograph', sample: 'photo', value: '4ZYNPYKHaXh/d4hyd4iIiXVgOvlk' }],
});
