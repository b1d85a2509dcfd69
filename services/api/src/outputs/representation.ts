/** Answers GET and HEAD for something with a fixed size and a strong entity tag: whole, in part, or not again. */
import { create as contentDisposition } from 'content-disposition';
import type { Request, Response } from 'express';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { noneMatch, parseRange, rangeApplies, type ByteRange } from '../http/conditional.js';
import { problem } from '../http/problems.js';

export interface Representation {
  /** Quoted. */
  readonly etag: string;
  readonly mediaType: string;
  readonly filename: string;
  readonly bytes: number;
  /** Rejects as `open` would when the bytes are not there. */
  check(): Promise<void>;
  open(range?: ByteRange): Promise<Readable>;
}

export interface SendOptions {
  /** To be saved as a file rather than shown. */
  readonly download: boolean;
}

/** Resolves when the answer is sent, or its client has left. */
export async function sendRepresentation(
  request: Request,
  response: Response,
  representation: Representation,
  { download }: SendOptions,
): Promise<void> {
  const { etag, bytes, mediaType, filename } = representation;
  const validators = { ETag: etag, 'Cache-Control': 'private, max-age=31536000, immutable' };
  if (!noneMatch(request.headers['if-none-match'], etag)) {
    response.status(304).set(validators).end();
    return;
  }
  const range = rangeApplies(request.get('if-range'), etag) ? parseRange(request.headers.range, bytes) : undefined;
  if (range === 'unsatisfiable') {
    throw problem('range_not_satisfiable', `There are ${bytes} bytes.`, { headers: { 'Content-Range': `bytes */${bytes}` } });
  }

  const body = request.method === 'HEAD' ? await representation.check() : await representation.open(range);
  // Headers only now, when the bytes are there: a problem must not come with those of an image.
  response.status(range ? 206 : 200).set({
    ...validators,
    'Content-Type': mediaType,
    'Content-Length': String(range ? range.end - range.start + 1 : bytes),
    'Content-Disposition': contentDisposition(filename, { type: download ? 'attachment' : 'inline' }),
    'Accept-Ranges': 'bytes',
    // What a client made us make is never run as a page of ours, and may be shown in pages of others.
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    ...(range && { 'Content-Range': `bytes ${range.start}-${range.end}/${bytes}` }),
  });
  if (body) await pipeline(body, response).catch(ignoreDeparture(response));
  else response.end();
}

/** A client that leaves is no error of ours; a body that breaks off is one, and cuts the answer short, which the client sees. */
function ignoreDeparture(response: Response): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' || !response.destroyed) throw error;
  };
}
