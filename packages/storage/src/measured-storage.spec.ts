import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { FilesystemStorage } from './filesystem.js';
import { MeasuredStorage, type StorageFailure, type StorageOperation } from './measured-storage.js';
import { S3Storage } from './s3.js';
import type { Storage } from './storage.js';
import { storageContract } from './testing/contract.js';

let directory: string;
let times: [StorageOperation, number][];
let failures: [StorageOperation, StorageFailure][];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storage-'));
});
beforeEach(() => {
  times = [];
  failures = [];
});
afterAll(() => rm(directory, { recursive: true }));

function measured(storage: Storage): MeasuredStorage {
  return new MeasuredStorage(storage, {
    ended: (...time) => times.push(time),
    failed: (...failure) => failures.push(failure),
  });
}

function measuredFiles(): MeasuredStorage {
  return measured(new FilesystemStorage({ directory: join(directory, 'files') }));
}

storageContract('the filesystem, measured', () => measured(new FilesystemStorage({ directory: join(directory, 'contract') })));

async function keysOf(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list('uploads/')) keys.push(key);
  return keys;
}

test('keeps files where the storage does', () => {
  expect(measuredFiles().keepsFiles).toBe(true);
  expect(measured(new S3Storage({ bucket: 'a', region: 'b', forcePathStyle: true })).keepsFiles).toBe(false);
});

test('tells of every operation once, by what it is', async () => {
  const storage = measuredFiles();
  await storage.put('uploads/a', Readable.from(['abc']));
  const file = join(await storage.createScratchDirectory(), '0');
  await writeFile(file, 'def');
  await storage.putFile('uploads/b', file);
  const { body } = await storage.get('uploads/a', { start: 0, end: 0 });
  body.destroy();
  await storage.fetch('uploads/b', directory);
  await storage.stat('uploads/c');
  expect(await keysOf(storage)).toHaveLength(2);
  await storage.delete(['uploads/a', 'uploads/b']);
  await storage.check();
  await storage.removeAbandoned(60_000);
  expect(times.map(([operation]) => operation)).toEqual(['put', 'put', 'get', 'get', 'stat', 'list', 'delete', 'check']);
  expect(times.every(([, seconds]) => seconds > 0 && seconds < 10)).toBe(true);
  expect(failures).toEqual([]);
});

test.each([
  ['stream', (chunks: AsyncIterable<Uint8Array>) => Readable.from(chunks)],
  ['generator', (chunks: AsyncIterable<Uint8Array>) => chunks],
])('leaves out the time that the body of a write took to come, as a %s', async (_, bodyOf) => {
  await measuredFiles().put('uploads/slow', bodyOf(slowly()));
  expect(times).toEqual([['put', expect.any(Number)]]);
  expect(times[0]?.[1]).toBeLessThan(0.4);
});

async function* slowly() {
  yield Buffer.from('a');
  await sleep(500);
  yield Buffer.from('b');
}

test('takes neither a missing object, nor a write that is given up, nor a broken body for a failure', async () => {
  const storage = measuredFiles();
  await expect(storage.get('uploads/missing')).rejects.toThrow('There is no object');
  await expect(storage.get('../uploads')).rejects.toThrow('A key is');
  const stopping = new AbortController();
  const aborted = storage.put('uploads/a', new PassThrough(), { signal: stopping.signal });
  stopping.abort(new Error('the client has left'));
  await expect(aborted).rejects.toThrow('the client has left');
  await expect(storage.put('uploads/a', failing())).rejects.toThrow('too large');
  expect(failures).toEqual([]);
  expect(times.map(([operation]) => operation)).toEqual(['get', 'get']);
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a');
  throw new Error('too large');
}

test('tells of what the storage could not do', async () => {
  await writeFile(join(directory, 'file'), '');
  const storage = measured(new FilesystemStorage({ directory: join(directory, 'file') }));
  await expect(storage.put('uploads/a', Readable.from(['a']))).rejects.toThrow('The storage failed');
  await expect(storage.check()).rejects.toThrow('The storage failed');
  expect(failures).toEqual([
    ['put', 'unavailable'],
    ['check', 'unavailable'],
  ]);
});

describe('a server that', () => {
  let server: Server;
  let status: number;
  let storage: MeasuredStorage;

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume().once('end', () => response.writeHead(status).end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const credentials = { accessKeyId: 'access', secretAccessKey: 'secret' };
    storage = measured(
      new S3Storage({
        endpoint: `http://127.0.0.1:${port}`,
        region: 'us-east-1',
        credentials,
        forcePathStyle: true,
        bucket: 'images',
      }),
    );
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ['is full', 507, 'out_of_space'],
    ['refuses', 403, 'unavailable'],
  ] as const)('%s fails a write, and a listing, for that reason', async (_, answer, reason) => {
    status = answer;
    await expect(storage.put('uploads/a', Readable.from(['a']))).rejects.toThrow('The storage');
    await expect(keysOf(storage)).rejects.toThrow('The storage');
    expect(failures).toEqual([
      ['put', reason],
      ['list', reason],
    ]);
  });
});
