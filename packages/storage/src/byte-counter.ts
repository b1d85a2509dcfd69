import { Transform, type TransformCallback } from 'node:stream';

/** Passes a stream on, and counts its bytes. */
export class ByteCounter extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }

  /** Who stops to read it early has a reason, which is not lost so: it is destroyed with that. */
  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<Buffer> {
    return this.iterator({ destroyOnReturn: false });
  }
}
