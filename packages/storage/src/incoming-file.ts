import { createHash } from 'node:crypto';

/** More bytes came than are accepted. */
export class FileTooLargeError extends Error {
  override readonly name = 'FileTooLargeError';

  constructor(readonly maxBytes: number) {
    super(`The file has more than ${maxBytes} bytes`);
  }
}

/**
 * A file that streams in, from whoever sends it: its first bytes can be looked at before anything is stored, and it is counted and
 * hashed on its way into the storage. Never holds more than a few chunks.
 */
export class IncomingFile {
  readonly #hash = createHash('sha256');
  readonly #rest: AsyncIterator<Uint8Array>;
  #bytes = 0;

  private constructor(
    /** As many first bytes as were wanted, or some more; fewer when the file has no more. */
    readonly head: Uint8Array,
    rest: AsyncIterator<Uint8Array>,
  ) {
    this.#rest = rest;
  }

  /** Whoever opened `chunks` closes them. */
  static async begin(chunks: AsyncIterator<Uint8Array>, headBytes: number): Promise<IncomingFile> {
    const head: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < headBytes) {
      const next = await chunks.next();
      if (next.done) break;
      head.push(next.value);
      bytes += next.value.length;
    }
    return new IncomingFile(Buffer.concat(head), chunks);
  }

  /** All of it, the head included; to be read once. Throws a FileTooLargeError at the limit. */
  async *body(maxBytes: number): AsyncGenerator<Uint8Array> {
    yield this.#measured(this.head, maxBytes);
    for (let next = await this.#rest.next(); !next.done; next = await this.#rest.next())
      yield this.#measured(next.value, maxBytes);
  }

  /** How many were read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of what was read, which can be asked once; lower-case hexadecimal. */
  sha256(): string {
    return this.#hash.digest('hex');
  }

  #measured(chunk: Uint8Array, maxBytes: number): Uint8Array {
    this.#bytes += chunk.length;
    if (this.#bytes > maxBytes) throw new FileTooLargeError(maxBytes);
    this.#hash.update(chunk);
    return chunk;
  }
}
