import { Inject, Injectable } from '@nestjs/common';
import { uploadKey } from '@tintype/jobs';
import type { InputFormat } from '@tintype/operations';
import type { Storage } from '@tintype/storage';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { v7 as uuidv7 } from 'uuid';
import { problem } from '../http/problems.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';
import { STORAGE } from '../storage/storage.module.js';
import { sniffBytes, sniffFormat } from './sniff.js';

/** An image whose bytes are stored, and which no row knows of yet. */
export interface StoredImage {
  readonly id: string;
  readonly key: string;
  readonly format: InputFormat;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Takes the bytes of images in: looks at what they are, counts and hashes them, and stores them, all while they stream. */
@Injectable()
export class UploadStore {
  constructor(
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
  ) {}

  /**
   * Never holds more than a few chunks, and leaves nothing behind when it fails. Throws a problem for a file that is empty
   * (422), of another type than an accepted image (415, before anything is stored) or too large (413, at the limit).
   */
  async store(body: Readable, signal: AbortSignal): Promise<StoredImage> {
    // Without the option, an early end would destroy a request together with the connection that its answer needs.
    const chunks: AsyncIterator<Uint8Array> = body.iterator({ destroyOnReturn: false });
    try {
      const head = await readHead(chunks);
      if (head.length === 0) throw problem('validation_failed', 'The file is empty.');
      const format = await sniffFormat(head, this.settings.INPUT_FORMATS);
      const id = uuidv7();
      const key = uploadKey(id);
      const hash = createHash('sha256');
      let bytes = 0;
      const measure = (chunk: Uint8Array): Uint8Array => {
        bytes += chunk.length;
        if (bytes > this.settings.UPLOAD_MAX_BYTES) throw uploadTooLarge(this.settings.UPLOAD_MAX_BYTES);
        hash.update(chunk);
        return chunk;
      };
      await this.storage.put(key, mapChunks(head, chunks, measure), { signal });
      return { id, key, format, bytes, sha256: hash.digest('hex') };
    } finally {
      await chunks.return?.();
    }
  }

  /** For images that no row came to know. */
  async discard(images: readonly StoredImage[]): Promise<void> {
    if (images.length > 0) await this.storage.delete(images.map(({ key }) => key));
  }
}

async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const head: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < sniffBytes) {
    const next = await chunks.next();
    if (next.done) break;
    head.push(next.value);
    bytes += next.value.length;
  }
  return Buffer.concat(head);
}

async function* mapChunks(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  map: (chunk: Uint8Array) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield map(head);
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield map(next.value);
}

export function uploadTooLarge(maxBytes: number): Error {
  return problem('payload_too_large', `An upload may have ${maxBytes} bytes at most.`);
}
