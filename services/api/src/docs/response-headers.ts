/** Headers of answers, described once. */
import type { ApiResponseOptions } from '@nestjs/swagger';

const text = { type: 'string' };

const descriptions = {
  'Accept-Ranges': 'Always `bytes`',
  'Cache-Control': 'The bytes under a URL never change',
  'Content-Disposition': 'A file name; `attachment` when `download=1`',
  'Content-Range': 'Which bytes these are, and of how many',
  ETag: 'The version, for `If-None-Match`',
  'Idempotent-Replayed': '`true` when an earlier request with the same `Idempotency-Key` created it; else absent',
  Link: 'The next page, as `rel="next"`; absent on the last one',
  Location: 'The URL of what was created',
  'Preference-Applied': 'How long the answer would have waited: the `wait` of the request, or what the server allows',
  'Retry-After': 'Seconds after which to ask again',
} as const;

export function responseHeaders(...names: (keyof typeof descriptions)[]): NonNullable<ApiResponseOptions['headers']> {
  return Object.fromEntries(names.map((name) => [name, { description: descriptions[name], schema: text }]));
}
