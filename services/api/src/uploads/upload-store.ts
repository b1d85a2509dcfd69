import { Inject, Injectable } from '@nestjs/common';
import { uploadKey } from '@tintype/jobs';
import type { InputFormat } from '@tintype/operations';
import { FileTooLargeError, IncomingFile, type Storage } from '@tintype/storage';
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
   * Leaves nothing behind when it fails. Throws a problem for a file that is empty (422), of another type than an accepted image
   * (415, before anything is stored) or too large (413, at the limit).
   */
  async store(body: Readable, signal: AbortSignal): Promise<StoredImage> {
    // Without the option, an early end would destroy a request together with the connection that its answer needs.
    const chunks: AsyncIterator<Uint8Array> = body.iterator({ destroyOnReturn: false });
    try {
      const file = await IncomingFile.begin(chunks, sniffBytes);
      if (file.head.length === 0) throw problem('validation_failed', 'The file is empty.');
      const format = await sniffFormat(file.head, this.settings.INPUT_FORMATS);
      const id = uuidv7();
      const key = uploadKey(id);
      await this.storage.put(key, file.body(this.settings.UPLOAD_MAX_BYTES), { signal });
      return { id, key, format, bytes: file.bytes, sha256: file.sha256() };
    } catch (error) {
      throw error instanceof FileTooLargeError ? uploadTooLarge(error.maxBytes) : error;
    } finally {
      await chunks.return?.();
    }
  }

  /** For images that no row came to know. */
  async discard(images: readonly StoredImage[]): Promise<void> {
    if (images.length > 0) await this.storage.delete(images.map(({ key }) => key));
  }
}

export function uploadTooLarge(maxBytes: number): Error {
  return problem('payload_too_large', `An upload may have ${maxBytes} bytes at most.`);
}
