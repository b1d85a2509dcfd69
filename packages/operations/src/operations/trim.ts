import { z } from 'zod';
import { Colour } from '../colour.js';
import { defineOperation } from '../define.js';

export const trim = defineOperation({
  id: 'trim',
  title: 'Trim',
  description: 'Cuts off edges of one colour. A picture of only that colour stays as it is.',
  options: {
    background: Colour.optional().meta({ description: 'The colour of the edges; without it, that of the top left pixel' }),
    threshold: z.number().min(0).max(255).default(10).meta({ description: 'How far a pixel may differ from that colour' }),
    lineArt: z.boolean().default(false).meta({ description: 'For drawings rather than photographs' }),
    margin: z.int().min(0).max(1000).default(0).meta({ description: 'Pixels left standing around the content' }),
  },
  stage: 'trim',
  frames: 'first',
  commutesWithShrink: false,
  size: () => undefined,
  apply(image, { background, threshold, lineArt, margin }) {
    return image.trim({ ...(background !== undefined && { background }), threshold, lineArt, margin });
  },
  examples: [
    { title: 'The drawing without its empty edges', options: {}, sample: 'icon', size: { width: 48, height: 48 } },
    { title: 'With some air around', options: { margin: 2 }, sample: 'icon', size: { width: 52, height: 52 } },
  ],
});
