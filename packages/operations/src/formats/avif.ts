import { z } from 'zod';
import { defineFormat } from '../define.js';

export const avif = defineFormat({
  id: 'avif',
  title: 'AVIF',
  description: 'The smallest files, and by far the most work to make. Of an animation, the first frame.',
  mediaType: 'image/avif',
  extension: 'avif',
  options: {
    quality: z.int().min(1).max(100).default(50).meta({ description: 'Quality; 50 looks like 80 of JPEG' }),
    lossless: z.boolean().default(false).meta({ description: 'Without loss' }),
    // sharp's default is 4, which takes about seven times the CPU of 2 for a tenth less bytes: one such image keeps
    // a worker as busy as 33 of WebP.
    effort: z.int().min(0).max(9).default(2).meta({ description: 'CPU effort to reduce the size; from 4 on very slow' }),
    chromaSubsampling: z
      .enum(['4:2:0', '4:4:4'])
      .default('4:4:4')
      .meta({ description: '`4:2:0` halves the resolution of colours' }),
    tune: z.enum(['auto', 'iq', 'psnr', 'ssim']).default('auto').meta({ description: 'The measure of quality to work for' }),
  },
  canAnimate: false,
  canAlpha: true,
  maxSide: 16_384,
  encode: (image, options) => image.avif(options),
});
