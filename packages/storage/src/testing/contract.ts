/** What every driver must do, as tests: `storageContract('S3', () => new S3Storage(…))` within a spec file. */
import { randomBytes, randomUUID } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { InvalidKeyError, NotFoundError, StorageError } from '../errors.js';
import type { Storage } from '../storage.js';

function newKey(): string {
  return `uploads/${randomUUID()}`;
}

async function* twoChunks() {
  yield Buffer.from('one, ');
  yield new Uint8Array(Buffer.from('two'));
}

/** Some bytes, and then that error. */
async function* failing(error: Error) {
  yield randomBytes(100_000);
  throw error;
}

/** `create` is called once, and gives a storage without objects. */
export function storageContract(driver: string, create: () => Storage | Promise<Storage>): void {
  describe(`storage on ${driver}`, () => {
    let storage: Storage;
    let directory: string;

    beforeAll(async () => {
      storage = await create();
      directory = await mkdtemp(join(tmpdir(), 'storage-contract-'));
    });
    afterAll(() => rm(directory, { recursive: true, force: true }));

    async function read(key: string, range?: { start: number; end: number }): Promise<Buffer> {
      const { body } = await storage.get(key, range);
      return Buffer.concat(await body.toArray());
    }

    async function writeReadDelete(key: string): Promise<void> {
      await storage.put(key, Readable.from([key]));
      expect(String(await read(key))).toBe(key);
      await storage.delete([key]);
    }

    async function keys(prefix: string): Promise<string[]> {
      const found: string[] = [];
      for await (const { key } of storage.list(prefix)) found.push(key);
      return found.toSorted();
    }

    describe('put', () => {
      test('stores a stream of many chunks', async () => {
        const key = newKey();
        const bytes = randomBytes(3_000_000);
        const chunks = Array.from({ length: 100 }, (_, index) => bytes.subarray(index * 30_000, (index + 1) * 30_000));
        expect(await storage.put(key, Readable.from(chunks))).toEqual({ bytes: 3_000_000 });
        expect((await read(key)).equals(bytes)).toBe(true);
        expect(await storage.stat(key)).toEqual({ bytes: 3_000_000 });
      });

      test('stores what an async generator yields', async () => {
        const key = newKey();
        expect(await storage.put(key, twoChunks())).toEqual({ bytes: 8 });
        expect(String(await read(key))).toBe('one, two');
      });

      test('stores an empty object', async () => {
        const key = newKey();
        expect(await storage.put(key, Readable.from([]))).toEqual({ bytes: 0 });
        expect(await read(key)).toHaveLength(0);
      });

      test('replaces an object, while who reads the old one keeps it', async () => {
        const key = newKey();
        const old = randomBytes(2_000_000);
        await storage.put(key, Readable.from([old]));
        const { body } = await storage.get(key);
        await storage.put(key, Readable.from(['new']));
        expect(Buffer.concat(await body.toArray()).equals(old)).toBe(true);
        expect(String(await read(key))).toBe('new');
      });

      test('leaves one whole object when several write the same key at once', async () => {
        const key = newKey();
        const contents = Array.from({ length: 8 }, (_, index) => Buffer.alloc(400_000, index));
        await Promise.all(contents.map((content) => storage.put(key, Readable.from([content]))));
        const stored = await read(key);
        expect(contents.some((content) => content.equals(stored))).toBe(true);
      });

      test('passes on the error of a body that fails, and leaves nothing', async () => {
        const key = newKey();
        const failure = new Error('the client sent too much');
        await expect(storage.put(key, failing(failure))).rejects.toBe(failure);
        expect(await storage.stat(key)).toBeUndefined();
      });

      test('leaves the earlier object as it was when it fails', async () => {
        const key = newKey();
        await storage.put(key, Readable.from(['first']));
        const body = new PassThrough();
        body.write('second');
        body.destroy(new Error('gone'));
        await expect(storage.put(key, body)).rejects.toThrow('gone');
        expect(String(await read(key))).toBe('first');
      });

      test('gives up a stalled body when it is aborted, and leaves nothing', async () => {
        const key = newKey();
        const body = new PassThrough();
        body.write(randomBytes(100_000));
        const controller = new AbortController();
        const put = storage.put(key, body, { signal: controller.signal });
        const reason = new Error('shutting down');
        setImmediate(() => controller.abort(reason));
        await expect(put).rejects.toBe(reason);
        expect(body.destroyed).toBe(true);
        expect(await storage.stat(key)).toBeUndefined();
      });

      test('does not begin when it is aborted already', async () => {
        const key = newKey();
        const reason = new Error('too late');
        const body = Readable.from(['x']);
        await expect(storage.put(key, body, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        expect(body.destroyed).toBe(true);
        expect(await storage.stat(key)).toBeUndefined();
      });
    });

    describe('putFile', () => {
      test('takes over a file of a scratch directory', async () => {
        const key = newKey();
        const scratch = await storage.createScratchDirectory();
        expect(await readdir(scratch)).toEqual([]);
        const path = join(scratch, '0');
        await writeFile(path, 'result');
        await storage.putFile(key, path);
        expect(String(await read(key))).toBe('result');
        await expect(access(path)).rejects.toThrow('ENOENT');
        await rm(scratch, { recursive: true });
      });

      test('takes over a file that is synced already', async () => {
        const key = newKey();
        const scratch = await storage.createScratchDirectory();
        const path = join(scratch, '0');
        await writeFile(path, 'result', { mode: 0o600, flush: true });
        await storage.putFile(key, path, { synced: true });
        expect(String(await read(key))).toBe('result');
        await expect(access(path)).rejects.toThrow('ENOENT');
        await rm(scratch, { recursive: true });
      });

      test('takes over a file from anywhere', async () => {
        const key = newKey();
        const path = join(directory, randomUUID());
        await writeFile(path, 'result');
        await storage.putFile(key, path);
        expect(String(await read(key))).toBe('result');
        await expect(access(path)).rejects.toThrow('ENOENT');
      });

      test.each([false, true])('rejects when there is no such file, and leaves nothing (synced: %s)', async (synced) => {
        const key = newKey();
        await expect(storage.putFile(key, join(directory, 'missing'), { synced })).rejects.toBeInstanceOf(StorageError);
        expect(await storage.stat(key)).toBeUndefined();
      });
    });

    describe('reading', () => {
      const key = newKey();
      beforeAll(() => storage.put(key, Readable.from(['0123456789'])));

      test.each([
        [{ start: 0, end: 0 }, '0'],
        [{ start: 3, end: 5 }, '345'],
        [{ start: 8, end: 500 }, '89'],
      ])('gets the range %j and the size of the whole', async (range, expected) => {
        const { body, bytes } = await storage.get(key, range);
        expect(String(Buffer.concat(await body.toArray()))).toBe(expected);
        expect(bytes).toBe(10);
      });

      test.each([
        { start: 10, end: 12 },
        { start: 5, end: 4 },
      ])('refuses the range %j, which has no byte', async (range) => {
        await expect(storage.get(key, range)).rejects.toBeInstanceOf(RangeError);
      });

      test('fetches an object as a local file', async () => {
        expect(await readFile(await storage.fetch(key, directory), 'utf8')).toBe('0123456789');
        expect(await storage.stat(key)).toEqual({ bytes: 10 });
      });

      test('knows an object that is not there', async () => {
        const missing = newKey();
        expect(await storage.stat(missing)).toBeUndefined();
        await expect(storage.get(missing)).rejects.toBeInstanceOf(NotFoundError);
        await expect(storage.fetch(missing, directory)).rejects.toMatchObject({ key: missing, retryable: false });
        await expect(storage.get('uploads')).rejects.toBeInstanceOf(NotFoundError);
        await expect(storage.get(`${key}/below-an-object`)).rejects.toBeInstanceOf(NotFoundError);
      });
    });

    describe('delete', () => {
      test('deletes several objects, and does not mind missing ones', async () => {
        const [first, second, kept] = [newKey(), newKey(), newKey()];
        await Promise.all([first, second, kept].map((key) => storage.put(key, Readable.from(['x']))));
        await storage.delete([first, newKey(), second, `outputs/${randomUUID()}/1/none`]);
        expect(await Promise.all([first, second, kept].map((key) => storage.stat(key)))).toEqual([
          undefined,
          undefined,
          { bytes: 1 },
        ]);
        await storage.delete([]);
      });

      test('does not lose what is written while its folder is emptied', async () => {
        const job = randomUUID();
        for (let round = 0; round < 10; round++) {
          await Promise.all(Array.from({ length: 10 }, (_, index) => writeReadDelete(`outputs/${job}/1/${index}`)));
        }
        expect(await keys(`outputs/${job}/`)).toEqual([]);
      });
    });

    describe('list', () => {
      test('finds objects by the beginning of their key', async () => {
        const job = randomUUID();
        const stored = [`outputs/${job}/1/a`, `outputs/${job}/1/ab`, `outputs/${job}/12/a`, `outputs/${job}/2/a`];
        await Promise.all(stored.map((key) => storage.put(key, Readable.from(['abc']))));
        expect(await keys(`outputs/${job}/`)).toEqual([...stored].toSorted());
        expect(await keys(`outputs/${job}/1`)).toEqual(stored.slice(0, 3));
        expect(await keys(`outputs/${job}/1/`)).toEqual(stored.slice(0, 2));
        expect(await keys(`outputs/${job}/1/ab`)).toEqual(stored.slice(1, 2));
        expect(await keys(`outputs/${randomUUID()}/`)).toEqual([]);
        expect(await keys('')).toEqual(expect.arrayContaining(stored));
      });

      test('tells size and age', async () => {
        const key = newKey();
        await storage.put(key, Readable.from(['abc']));
        for await (const object of storage.list(key)) {
          expect(object).toEqual({ key, bytes: 3, modifiedAt: expect.any(Date) });
          expect(Math.abs(Date.now() - object.modifiedAt.getTime())).toBeLessThan(60_000);
        }
        expect.assertions(2);
      });
    });

    test.each([
      '',
      '/etc/passwd',
      '../escape',
      'uploads/../../escape',
      'uploads/..',
      'uploads//x',
      'uploads/',
      '.tmp/x',
      'a\0b',
      'a\\b',
      'ä',
    ])('refuses the key %j', async (key) => {
      const file = join(directory, randomUUID());
      await writeFile(file, 'x');
      await expect(storage.put(key, Readable.from(['x']))).rejects.toBeInstanceOf(InvalidKeyError);
      await expect(storage.putFile(key, file)).rejects.toBeInstanceOf(InvalidKeyError);
      await expect(storage.get(key)).rejects.toBeInstanceOf(InvalidKeyError);
      await expect(storage.fetch(key, directory)).rejects.toBeInstanceOf(InvalidKeyError);
      await expect(storage.stat(key)).rejects.toBeInstanceOf(InvalidKeyError);
      await expect(storage.delete([key])).rejects.toBeInstanceOf(InvalidKeyError);
      await access(file);
    });

    test.each(['/', '../', 'uploads/../', '.', 'a\0'])('refuses to list %j', async (prefix) => {
      await expect(keys(prefix)).rejects.toBeInstanceOf(InvalidKeyError);
    });

    test('passes its check, which leaves nothing', async () => {
      const before = await keys('');
      await storage.check();
      expect(await keys('')).toEqual(before);
    });
  });
}
