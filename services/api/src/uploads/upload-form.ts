import type { Readable } from 'node:stream';
import { validationFailed } from '../http/validation.js';
import type { FormReader } from './multipart.js';
import type { StoredImage } from './upload-store.js';

/** `POST /v1/uploads` as a form, with the one part `file`. */
export class UploadForm implements FormReader {
  private image: Promise<StoredImage> | undefined;

  constructor(private readonly store: (body: Readable) => Promise<StoredImage>) {}

  field(name: string): void {
    throw fault(name, name === 'file' ? 'must be a file: give the part a file name' : 'is not known here');
  }

  async file(name: string, body: Readable): Promise<void> {
    if (name !== 'file') throw fault(name, 'is not known here');
    if (this.image) throw fault(name, 'is there more than once');
    this.image = this.store(body);
    await this.image;
  }

  async requiredImage(): Promise<StoredImage> {
    if (!this.image) throw fault('file', 'is required');
    return this.image;
  }
}

function fault(name: string, detail: string): Error {
  return validationFailed([{ pointer: `/${name}`, code: 'invalid_part', detail }]);
}
