/** The driver against a server that answers as it is told. `make test/s3` has a real one. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { NotFoundError, OutOfSpaceError, StorageError } from './errors.js';
import { S3Storage } from './s3.js';

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: string[];
let server: Server;
let storage: S3Storage;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storage-'));
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume().once('end', () => answer(request, response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  storage = storageAt((server.address() as AddressInfo).port);
});
beforeEach(() => {
  requests = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

function storageAt(port: number): S3Storage {
  return new S3Storage({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'access', secretAccessKey: 'secret' },
    forcePathStyle: true,
    bucket: 'images',
  });
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code><Message/></Error>`);
}

test.each([
  [404, 'NoSuchKey', NotFoundError, false],
  [404, 'NoSuchBucket', StorageError, true],
  [403, 'AccessDenied', StorageError, true],
  [403, 'QuotaExceeded', OutOfSpaceError, true],
  [507, 'XMinioStorageFull', OutOfSpaceError, true],
])('takes %i %s as what it is', async (status, code, kind, retryable) => {
  answer = (_, response) => refuse(response, status, code);
  const error: unknown = await storage.get('uploads/a').catch((reason: unknown) => reason);
  expect(error).toHaveProperty('constructor', kind);
  expect(error).toMatchObject({ retryable });
});

test.each([
  [503, 'SlowDown'],
  [409, 'OperationAborted'],
])('tries again what a server has refused with %i %s', async (status, code) => {
  answer = (_, response) => {
    if (requests.length < 3) refuse(response, status, code);
    else response.writeHead(200, { 'content-length': 3 }).end('abc');
  };
  const { body } = await storage.get('uploads/a');
  expect(String(Buffer.concat(await body.toArray()))).toBe('abc');
});

test('says so when there is no server', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  other.close();
  await expect(storageAt(port).stat('uploads/a')).rejects.toThrow('The storage failed (ECONNREFUSED)');
});

test('keeps no copy of an object that did not come whole', async () => {
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('0123', () => response.destroy());
  };
  await expect(storage.fetch('uploads/a', directory)).rejects.toBeInstanceOf(StorageError);
  expect(await readdir(directory)).toEqual([]);
});

test('does not take a whole object for a range of it', async () => {
  answer = (_, response) => response.writeHead(200, { 'content-length': 10 }).end('0123456789');
  await expect(storage.get('uploads/a', { start: 2, end: 3 })).rejects.toBeInstanceOf(StorageError);
});

test('tries to delete every object before it tells of one that it could not', async () => {
  answer = (_, response) => {
    const error = requests.length === 1 ? '<Error><Key>uploads/7</Key><Code>InternalError</Code></Error>' : '';
    response.writeHead(200).end(`<DeleteResult>${error}</DeleteResult>`);
  };
  const keys = Array.from({ length: 2_001 }, (_, index) => `uploads/${index}`);
  await expect(storage.delete(keys)).rejects.toThrow('InternalError');
  expect(requests).toHaveLength(3);
});

test('takes a large upload back when one of its parts fails, and lets go of its body', async () => {
  answer = (request, response) => {
    if (request.url?.includes('uploads=')) {
      response.writeHead(200).end('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>');
    } else if (request.method === 'DELETE') {
      response.writeHead(204).end();
    } else {
      refuse(response, 403, 'AccessDenied');
    }
  };
  const body = new PassThrough();
  body.write(Buffer.alloc(6_000_000));
  await expect(storage.put('uploads/a', body)).rejects.toThrow('The storage failed (AccessDenied, 403)');
  expect(body.destroyed).toBe(true);
  expect(requests.at(-1)).toMatch(/^DELETE .*uploadId=1/);
});

test('passes on the error of a body although the server does not take its parts back', async () => {
  answer = (request, response) => {
    if (request.url?.includes('uploads=')) {
      response.writeHead(200).end('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>');
    } else if (request.method === 'DELETE') {
      refuse(response, 403, 'AccessDenied');
    } else {
      response.writeHead(200, { etag: '"1"' }).end();
    }
  };
  const failure = new Error('the client sent too much');
  await expect(storage.put('uploads/a', failing(failure))).rejects.toBe(failure);
  expect(requests.at(-1)).toMatch(/^DELETE .*uploadId=1/);
});

async function* failing(failure: Error) {
  yield Buffer.alloc(6_000_000);
  throw failure;
}

test('destroys a body that it does not begin with', async () => {
  const body = Readable.from(['x']);
  await expect(storage.put('uploads/a', body, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late');
  expect(body.destroyed).toBe(true);
  expect(requests).toEqual([]);
});
