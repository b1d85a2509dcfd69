/** The opaque `cursor` of `GET /v1/jobs`: the place in the list where a page ended. */
import type { JobPosition } from '@tintype/jobs';
import { z } from 'zod';

const Place = z.tuple([z.iso.datetime(), z.uuid()]);

export function encodeCursor({ createdAt, id }: JobPosition): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');
}

export const Cursor = z
  .string()
  .max(200)
  .transform((text, context): JobPosition => {
    const place = Place.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
    if (place.success) return { createdAt: new Date(place.data[0]), id: place.data[1] };
    context.addIssue({ code: 'custom', message: 'Not a cursor that a list of jobs gave' });
    return z.NEVER;
  });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
