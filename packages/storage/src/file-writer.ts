import type { FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { toStorageError } from './errors.js';

/**
 * Writes a stream to an open file. `FileHandle.write()` may write less than it was given, without an error, when the disk runs
 * full; `writeFile()` goes on until all is written or fails. Errors of the file are StorageErrors, so that they can be told from
 * errors of what is read.
 */
export class FileWriter extends Writable {
  bytes = 0;

  constructor(private readonly handle: FileHandle) {
    super({ highWaterMark: 512 * 1024, decodeStrings: true });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.handle.writeFile(chunk).then(
      () => {
        this.bytes += chunk.length;
        done();
      },
      (error: unknown) => done(toStorageError(error)),
    );
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }
}
