import { z } from 'zod';
import { defineFormat } from '../define.js';

export const tiff = defineFormat({
  id: 'tiff',
  title: 'TIFF',
  description: 'For print and archives.',
  mediaType: 'image/tiff',
  extension: 'tiff',
  options: {
    compression: z
      .enum(['none', 'jpeg', 'deflate', 'packbits', 'lzw', 'webp'])
      // sharp's default is jpeg; who asks for TIFF wants every pixel as it is, and transparency.
      .default('lzw')
      .meta({ description: 'Compression; `jpeg` loses quality and transparency, `webp` loses quality' }),
    quality: z.int().min(1).max(100).default(80).meta({ description: 'Quality, for `jpeg` and `webp`' }),
    predictor: z.enum(['none', 'horizontal']).default('horizontal').meta({ description: 'Prediction, for `deflate` and `lzw`' }),
    pyramid: z.boolean().default(false).meta({ description: 'Add smaller copies, for viewers that zoom' }),
    tile: z.boolean().default(false).meta({ description: 'Store in tiles of 256 pixels' }),
  },
  canAnimate: false,
  canAlpha: true,
  maxSide: 1_000_000,
  // WebP has no gray.
  encode: (image, options) => (options.compression === 'webp' ? image.toColourspace('srgb') : image).tiff(options),
});
