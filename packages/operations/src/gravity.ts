/** Where one rectangle sits inside another, in the words of sharp. */
import { z } from 'zod';
import type { Size } from './define.js';

export const gravities = [
  'northwest',
  'north',
  'northeast',
  'west',
  'centre',
  'center',
  'east',
  'southwest',
  'south',
  'southeast',
] as const;

export const Gravity = z.enum(gravities).meta({ id: 'Gravity' });
export type Gravity = z.infer<typeof Gravity>;

/** The offset of `inner` in `outer`, `margin` pixels from the edges that the gravity names. Negative where it is the larger one. */
export function placed(inner: Size, outer: Size, gravity: Gravity, margin = 0): { left: number; top: number } {
  return {
    left: along(inner.width, outer.width, gravity.endsWith('west'), gravity.endsWith('east'), margin),
    top: along(inner.height, outer.height, gravity.startsWith('north'), gravity.startsWith('south'), margin),
  };
}

function along(inner: number, outer: number, atStart: boolean, atEnd: boolean, margin: number): number {
  if (atStart) return margin;
  if (atEnd) return outer - inner - margin;
  return Math.floor((outer - inner) / 2);
}
