import type { Request, Response } from 'express';
import { createHash } from 'node:crypto';
import { noneMatch } from './conditional.js';

/** A JSON document that stays the same while the process runs: written once, and not sent again to who has it. */
export class StaticDocument {
  private readonly body: Buffer;
  private readonly etag: string;

  constructor(content: unknown) {
    this.body = Buffer.from(JSON.stringify(content));
    this.etag = `"${createHash('sha256').update(this.body).digest('base64url')}"`;
  }

  send(request: Request, response: Response): void {
    response.set({ ETag: this.etag, 'Cache-Control': 'no-cache' });
    if (noneMatch(request.headers['if-none-match'], this.etag)) response.type('application/json').send(this.body);
    else response.status(304).end();
  }
}
