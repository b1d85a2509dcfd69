import { randomUUID } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { mkdtemp, open, readdir, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ByteCounter } from './byte-counter.js';
import { writeReadDelete } from './canary.js';
import { attempt, StorageError, toStorageError } from './errors.js';
import { checkKey, checkPrefix } from './key.js';
import { removeOlder } from './remove-older.js';
import { createS3Client, type S3Connection } from './s3-client.js';
import { fromS3, isMissing } from './s3-errors.js';
import type { ByteRange, PutOptions, Storage, StoredObject } from './storage.js';

const { O_NOFOLLOW, O_RDONLY } = constants;

/** The smallest part that S3 takes. One upload holds about two of them in memory. */
const partBytes = 5 * 1024 * 1024;
/** As many as one request may name. */
const keysPerDelete = 1000;
const scratchPrefix = 'tintype-scratch-';

export interface S3StorageOptions extends S3Connection {
  readonly bucket: string;
  /** Where scratch directories are. Default: the temporary directory of the operating system (TMPDIR). */
  readonly temporaryDirectory?: string;
}

/**
 * Objects in a bucket of S3 or of a server that speaks like it. The bucket is ours alone. Its credentials need s3:GetObject,
 * PutObject, DeleteObject, ListBucket, ListBucketMultipartUploads and AbortMultipartUpload.
 */
export class S3Storage implements Storage {
  readonly keepsFiles = false;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #temporaryDirectory: string;

  constructor({ bucket, temporaryDirectory = tmpdir(), ...connection }: S3StorageOptions) {
    this.#client = createS3Client(connection);
    this.#bucket = bucket;
    this.#temporaryDirectory = temporaryDirectory;
  }

  async put(key: string, body: Readable | AsyncIterable<Uint8Array>, { signal }: PutOptions = {}): Promise<{ bytes: number }> {
    checkKey(key);
    if (signal?.aborted) {
      if (body instanceof Readable) body.destroy();
      throw signal.reason;
    }
    const counter = new ByteCounter();
    // One part at a time: the size of an upload must not tell how much memory it takes.
    const upload = new Upload({
      client: this.#client,
      params: { Bucket: this.#bucket, Key: key, Body: counter },
      partSize: partBytes,
      queueSize: 1,
    });
    const uploading = upload.done().catch((error: unknown) => {
      const failure = fromS3(error, key);
      counter.destroy(failure);
      throw failure;
    });
    // Each ends the other: a body that fails has the upload take its parts back, and a failed upload destroys the body.
    const [, uploaded] = await Promise.allSettled([pipeline(body, counter, signal ? { signal } : {}), uploading]);
    if (uploaded.status === 'fulfilled') return { bytes: counter.bytes };
    throw signal?.aborted ? signal.reason : (counter.errored ?? uploaded.reason);
  }

  async putFile(key: string, path: string): Promise<void> {
    checkKey(key);
    await attempt(async () => {
      const file = await open(path, O_RDONLY | O_NOFOLLOW);
      await this.put(key, file.createReadStream());
      await unlink(path);
    });
  }

  async get(key: string, range?: ByteRange): Promise<{ body: Readable; bytes: number }> {
    checkKey(key);
    // S3 takes such a range for none, and gives the whole object.
    if (range && range.end < range.start) throw new RangeError('The range ends before it starts');
    const Range = range && `bytes=${range.start}-${range.end}`;
    const response = await this.#getObject(key, Range);
    const bytes = Range ? sizeOfWhole(response) : response.ContentLength;
    const { Body: body } = response;
    if (body instanceof Readable && bytes !== undefined) return { body, bytes };
    if (body instanceof Readable) body.destroy();
    throw new StorageError('The storage does not tell the size of an object');
  }

  async fetch(key: string, directory: string): Promise<string> {
    const { body, bytes } = await this.get(key);
    const path = join(directory, `input-${randomUUID()}`);
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    try {
      await pipeline(body, file);
      if (file.bytesWritten !== bytes) throw new StorageError(`Of the ${bytes} bytes of an object came ${file.bytesWritten}`);
    } catch (error) {
      await rm(path, { force: true });
      throw toStorageError(error);
    }
    return path;
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    checkKey(key);
    try {
      const { ContentLength } = await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return ContentLength === undefined ? undefined : { bytes: ContentLength };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fromS3(error, key);
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key);
    const batches = Array.from({ length: Math.ceil(keys.length / keysPerDelete) }, (_, index) =>
      keys.slice(index * keysPerDelete, (index + 1) * keysPerDelete),
    );
    const results = await Promise.allSettled(batches.map((batch) => this.#deleteBatch(batch)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    try {
      const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: prefix });
      for await (const { Contents = [] } of pages) {
        for (const { Key, Size, LastModified } of Contents) {
          if (Key !== undefined && Size !== undefined && LastModified) yield { key: Key, bytes: Size, modifiedAt: LastModified };
        }
      }
    } catch (error) {
      throw fromS3(error, prefix);
    }
  }

  async createScratchDirectory(): Promise<string> {
    return attempt(() => mkdtemp(join(this.#temporaryDirectory, scratchPrefix)));
  }

  async removeAbandoned(ageMs: number): Promise<number> {
    const directories = await attempt(async () => {
      const names = await readdir(this.#temporaryDirectory);
      const ours = names.filter((name) => name.startsWith(scratchPrefix));
      return removeOlder(
        ours.map((name) => join(this.#temporaryDirectory, name)),
        ageMs,
      );
    });
    return directories + (await this.#abortUploads(ageMs));
  }

  async check(): Promise<void> {
    await writeReadDelete(this);
  }

  async #getObject(key: string, Range: string | undefined): Promise<GetObjectCommandOutput> {
    try {
      return await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...(Range && { Range }) }));
    } catch (error) {
      if (error instanceof Error && error.name === 'InvalidRange') throw new RangeError('The range has no byte of the object');
      throw fromS3(error, key);
    }
  }

  async #deleteBatch(keys: readonly string[]): Promise<void> {
    const Objects = keys.map((Key) => ({ Key }));
    try {
      const command = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } });
      const { Errors = [] } = await this.#client.send(command);
      const failed = Errors.find(({ Code }) => Code !== 'NoSuchKey');
      if (failed) throw new StorageError(`The storage failed to delete an object (${failed.Code})`);
    } catch (error) {
      throw fromS3(error, keys[0] ?? '');
    }
  }

  /** Ends multipart uploads whose process is gone: nobody sees their parts, but they are paid for. */
  async #abortUploads(ageMs: number): Promise<number> {
    const before = Date.now() - ageMs;
    let aborted = 0;
    try {
      for await (const { Key, UploadId, Initiated } of this.#unfinishedUploads()) {
        if (!Initiated || Initiated.getTime() > before) continue;
        await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }));
        aborted += 1;
      }
    } catch (error) {
      throw fromS3(error, '');
    }
    return aborted;
  }

  async *#unfinishedUploads(): AsyncGenerator<MultipartUpload> {
    let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
    while (next) {
      const page: ListMultipartUploadsCommandOutput = await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket: this.#bucket, ...next }),
      );
      yield* page.Uploads ?? [];
      next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
    }
  }
}

/** Of the object of which a response has a part: `bytes 0-99/1234`. */
function sizeOfWhole({ ContentRange }: GetObjectCommandOutput): number | undefined {
  const size = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
  return size === undefined ? undefined : Number(size);
}
