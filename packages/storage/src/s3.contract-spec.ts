/** The S3 driver against a real server: `make test/s3`. */
import { randomBytes, randomUUID } from 'node:crypto';
import { access, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { NotFoundError, StorageError } from './errors.js';
import { createS3Client } from './s3-client.js';
import { S3Storage } from './s3.js';
import { storageContract } from './testing/contract.js';
import { startVersitygw, type Versitygw } from './testing/versitygw.js';

const partBytes = 5 * 1024 * 1024;

let server: Versitygw;
let client: S3Client;
let temporaryDirectory: string;

beforeAll(async () => {
  server = await startVersitygw();
  client = createS3Client(server.connection);
  temporaryDirectory = await mkdtemp(join(tmpdir(), 'storage-'));
});
afterAll(async () => {
  await server.stop();
  await rm(temporaryDirectory, { recursive: true });
});

async function newStorage(): Promise<{ storage: S3Storage; bucket: string }> {
  const bucket = randomUUID();
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { storage: new S3Storage({ ...server.connection, bucket, temporaryDirectory }), bucket };
}

storageContract('S3', async () => (await newStorage()).storage);

describe('an object of several parts', () => {
  let storage: S3Storage;
  let bucket: string;
  beforeAll(async () => {
    ({ storage, bucket } = await newStorage());
  });

  async function unfinished(): Promise<number> {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads.length;
  }

  async function untilUnfinished(): Promise<void> {
    while ((await unfinished()) === 0) await sleep(10);
  }

  test.each([partBytes - 1, partBytes, partBytes + 1, 3 * partBytes + 4321])('is whole with %i bytes', async (bytes) => {
    const key = `uploads/${randomUUID()}`;
    const content = randomBytes(bytes);
    expect(await storage.put(key, Readable.from(slices(content, 100_000)))).toEqual({ bytes });
    const { body } = await storage.get(key);
    expect(Buffer.concat(await body.toArray()).equals(content)).toBe(true);
    expect(await unfinished()).toBe(0);
  });

  test('leaves no part when its body fails', async () => {
    const key = `uploads/${randomUUID()}`;
    const failure = new Error('the client sent too much');
    await expect(storage.put(key, failing(failure))).rejects.toBe(failure);
    expect(await unfinished()).toBe(0);
    expect(await storage.stat(key)).toBeUndefined();
  });

  async function* failing(failure: Error) {
    yield* slices(randomBytes(partBytes + 1), 100_000);
    await untilUnfinished();
    throw failure;
  }

  test('leaves no part when it is aborted', async () => {
    const key = `uploads/${randomUUID()}`;
    const body = new PassThrough();
    body.write(randomBytes(partBytes + 1));
    const controller = new AbortController();
    const put = storage.put(key, body, { signal: controller.signal });
    await untilUnfinished();
    const reason = new Error('shutting down');
    controller.abort(reason);
    await expect(put).rejects.toBe(reason);
    expect(body.destroyed).toBe(true);
    expect(await unfinished()).toBe(0);
    expect(await storage.stat(key)).toBeUndefined();
  });

  test('is given up by the next one to tidy up when its process was killed, but not before its time', async () => {
    const Key = `uploads/${randomUUID()}`;
    await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    expect(await storage.removeAbandoned(60_000)).toBe(0);
    expect(await unfinished()).toBe(2);
    await sleep(1_100); // The server counts in seconds.
    expect(await storage.removeAbandoned(0)).toBe(2);
    expect(await unfinished()).toBe(0);
  });
});

describe('more objects than one answer holds', () => {
  test('are all listed, and deleted', async () => {
    const { storage } = await newStorage();
    const keys = Array.from({ length: 1_010 }, (_, index) => `uploads/${index}`);
    for (let from = 0; from < keys.length; from += 50) {
      await Promise.all(keys.slice(from, from + 50).map((key) => storage.put(key, Readable.from(['x']))));
    }
    expect(await listed(storage)).toEqual([...keys].toSorted());
    await storage.delete(keys);
    expect(await listed(storage)).toEqual([]);
  });

  async function listed(storage: S3Storage): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of storage.list('')) found.push(key);
    return found.toSorted();
  }
});

describe('scratch directories', () => {
  test('of killed processes are removed once they are old, and nothing else', async () => {
    const { storage } = await newStorage();
    const [old, young] = [await storage.createScratchDirectory(), await storage.createScratchDirectory()];
    await writeFile(join(old, '0'), 'left behind');
    const stranger = await mkdtemp(join(temporaryDirectory, 'stranger-'));
    for (const path of [old, stranger]) await utimes(path, 0, 0);
    expect(await storage.removeAbandoned(60_000)).toBe(1);
    await access(young);
    await access(stranger);
    await expect(access(old)).rejects.toThrow('ENOENT');
  });

  test('keep a copy of what was fetched, and nothing of what is not there', async () => {
    const { storage } = await newStorage();
    const directory = await storage.createScratchDirectory();
    await storage.put('uploads/a', Readable.from(['x']));
    const copies = await Promise.all([storage.fetch('uploads/a', directory), storage.fetch('uploads/a', directory)]);
    await expect(storage.fetch('uploads/b', directory)).rejects.toBeInstanceOf(NotFoundError);
    expect((await readdir(directory)).map((name) => join(directory, name)).toSorted()).toEqual(copies.toSorted());
  });
});

describe('what the operator has to mend', () => {
  test.each([
    ['a missing bucket', { bucket: 'missing' }],
    ['a wrong secret', { credentials: { accessKeyId: 'access', secretAccessKey: 'wrong' } }],
  ])('%s fails the check, and may pass later', async (_, wrong) => {
    const { bucket } = await newStorage();
    const storage = new S3Storage({ ...server.connection, bucket, ...wrong });
    const check = storage.check();
    await expect(check).rejects.toBeInstanceOf(StorageError);
    await expect(check).rejects.toMatchObject({ retryable: true });
  });
});

function* slices(content: Buffer, bytes: number): Generator<Buffer> {
  for (let from = 0; from < content.length; from += bytes) yield content.subarray(from, from + bytes);
}
