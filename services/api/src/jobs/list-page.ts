/** One page of a list, newest first, as its answer and its `Link` header. */
import type { JobPosition } from '@tintype/jobs';
import type { Response } from 'express';
import { encodeCursor } from './cursor.js';

export interface ListPage<Document> {
  readonly data: Document[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/** `query`: all parameters of the request but its cursor; undefined ones are left out. */
export function listPage<Document>(
  response: Response,
  data: Document[],
  { path, query, next }: { path: string; query: Readonly<Record<string, string | undefined>>; next: JobPosition | undefined },
): ListPage<Document> {
  if (!next) return { data, has_more: false, next_cursor: null };
  const cursor = encodeCursor(next);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, cursor })) if (value !== undefined) parameters.set(name, value);
  response.set('Link', `<${path}?${parameters}>; rel="next"`);
  return { data, has_more: true, next_cursor: cursor };
}
