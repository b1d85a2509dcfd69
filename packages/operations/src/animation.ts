import { z } from 'zod';

const delay = z.int().min(0).max(65_535);

/** Options of formats that can hold an animation. What is not given stays as in the source. */
export const animationOptions = {
  loop: z.int().min(0).max(65_535).optional().meta({ description: 'How often an animation plays; 0 is endless' }),
  delay: z
    .union([delay, z.array(delay).min(1).max(256)])
    .optional()
    .meta({ description: 'How long a frame shows, in milliseconds: one number for all, or one for each' }),
};
