/** Conditional and range requests (RFC 9110 §13 and §14) for resources that have strong entity tags. */

/** Whether `If-None-Match` names the tag: then the client has this version already and the answer is 304. */
export function noneMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return true;
  if (header.trim() === '*') return false;
  // The weak comparison: a cache in between may have marked our tag as weak.
  return !header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

export interface ByteRange {
  readonly start: number;
  /** The last byte's offset, inclusive. */
  readonly end: number;
}

/**
 * The one range that a `Range` header asks of `size` bytes: undefined where the whole is to be sent (no header, another
 * unit, several ranges, malformed), `unsatisfiable` where the answer is 416. The package range-parser is not used as it calls
 * a suffix longer than the whole unsatisfiable, while the RFC says that it is the whole.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
  if (!match) return undefined;
  const [, first, last] = match;
  if (!first && !last) return undefined;
  if (!first) return Number(last) > 0 && size > 0 ? { start: Math.max(0, size - Number(last)), end: size - 1 } : 'unsatisfiable';
  const start = Number(first);
  if (last && Number(last) < start) return undefined;
  return start < size ? { start, end: last ? Math.min(Number(last), size - 1) : size - 1 } : 'unsatisfiable';
}

/** Whether the `Range` header may be obeyed: an `If-Range` must name exactly the current version (dates never do here). */
export function rangeApplies(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}
