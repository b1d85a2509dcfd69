import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import fs, {
  type FileHandle,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { storageContract } from './testing/contract.js';
import { OutOfSpaceError, StorageError } from './errors.js';
import { FilesystemStorage } from './filesystem.js';

let directory: string;
let storage: FilesystemStorage;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storage-'));
  storage = new FilesystemStorage({ directory });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const contractDirectory = join(tmpdir(), `storage-${randomUUID()}`, 'created-when-needed');
storageContract('the filesystem', () => new FilesystemStorage({ directory: contractDirectory }));
afterAll(() => rm(join(contractDirectory, '..'), { recursive: true, force: true }));

describe('the files of the filesystem driver', () => {
  test('are open to their owner only', async () => {
    const file = join(await storage.createScratchDirectory(), 'out');
    await writeFile(file, 'x', { mode: 0o666 });
    await storage.putFile('outputs/job/1/a', file);
    await storage.put('outputs/job/1/b', Readable.from(['x']));
    expect(await modes('outputs/job/1/a', 'outputs/job/1/b')).toEqual(['600', '600']);
    expect(await modes('outputs', 'outputs/job', 'outputs/job/1', '.tmp')).toEqual(['700', '700', '700', '700']);
  });

  test('leave nothing unfinished behind after failures', async () => {
    await expect(storage.put('uploads/a', failing())).rejects.toThrow('stop');
    await expect(storage.put('uploads/a', Readable.from(['x']), { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    await mkdir(join(directory, 'uploads/is-a-directory'), { recursive: true });
    await expect(storage.put('uploads/is-a-directory', Readable.from(['x']))).rejects.toBeInstanceOf(StorageError);
    expect(await readdir(join(directory, '.tmp'))).toEqual([]);
  });

  test('are moved, not copied, from a scratch directory', async () => {
    const file = join(await storage.createScratchDirectory(), 'out');
    await writeFile(file, 'x');
    const { ino } = await stat(file);
    await storage.putFile('outputs/job/1/a', file);
    expect((await stat(join(directory, 'outputs/job/1/a'))).ino).toBe(ino);
  });

  test('are copied from another file system', async () => {
    await using elsewhere = await otherFileSystem();
    const file = join(elsewhere.directory, 'out');
    await writeFile(file, 'from elsewhere');
    expect((await stat(file)).dev).not.toBe((await stat(directory)).dev);
    await storage.putFile('outputs/job/1/a', file);
    expect(await storage.stat('outputs/job/1/a')).toEqual({ bytes: 14 });
    expect(await readdir(elsewhere.directory)).toEqual([]);
    expect(await modes('outputs/job/1/a')).toEqual(['600']);
  });

  test('are never reached through a symbolic link', async () => {
    await writeFile(join(directory, 'outside'), 'secret');
    await mkdir(join(directory, 'uploads'));
    await symlink(join(directory, 'outside'), join(directory, 'uploads/link'));
    await expect(storage.get('uploads/link')).rejects.toThrow('There is no object');
    await expect(storage.fetch('uploads/link')).rejects.toThrow('There is no object');
    await expect(storage.putFile('uploads/copy', join(directory, 'uploads/link'))).rejects.toBeInstanceOf(StorageError);
    expect(await storage.stat('uploads/link')).toBeUndefined();
    for await (const { key } of storage.list('uploads/')) throw new Error(`listed ${key}`);
    await storage.put('uploads/link', Readable.from(['new']));
    expect((await lstat(join(directory, 'uploads/link'))).isFile()).toBe(true);
    expect((await stat(join(directory, 'outside'))).size).toBe(6);
  });

  test('take their empty directories with them when they are deleted, up to the first level', async () => {
    await storage.put('outputs/one/1/a', Readable.from(['x']));
    await storage.put('outputs/one/2/a', Readable.from(['x']));
    await storage.delete(['outputs/one/1/a']);
    expect(await readdir(join(directory, 'outputs/one'))).toEqual(['2']);
    await storage.delete(['outputs/one/2/a']);
    expect(await readdir(join(directory, 'outputs'))).toEqual([]);
  });

  test('find their place although a delete prunes it just before the rename', async () => {
    const rename = fs.rename;
    const pruneFirst = jest.spyOn(fs, 'rename').mockImplementationOnce(async (from, to) => {
      await fs.rmdir(dirname(String(to)));
      await rename(from, to);
    });
    syncBuiltinESMExports();
    try {
      await storage.put('outputs/job/1/a', Readable.from(['x']));
    } finally {
      pruneFirst.mockRestore();
      syncBuiltinESMExports();
    }
    expect(await storage.stat('outputs/job/1/a')).toEqual({ bytes: 1 });
  });

  test('are swept when a killed process left them unfinished', async () => {
    const scratch = await storage.createScratchDirectory();
    await writeFile(join(scratch, '0'), 'x');
    const [old, recent] = [join(directory, '.tmp/old'), join(directory, '.tmp/recent')];
    await Promise.all([writeFile(old, 'x'), writeFile(recent, 'x')]);
    const twoHoursAgo = new Date(Date.now() - 7_200_000);
    await Promise.all([utimes(old, twoHoursAgo, twoHoursAgo), utimes(scratch, twoHoursAgo, twoHoursAgo)]);
    expect(await storage.removeAbandoned(3_600_000)).toBe(2);
    expect(await readdir(join(directory, '.tmp'))).toEqual(['recent']);
  });
});

describe('a disk that runs full', () => {
  test('fails the write, leaves no part of it and serves on', async () => {
    await using disk = await smallDisk(2_000_000);
    const full = new FilesystemStorage({ directory: disk.directory });
    await expect(
      full.put('uploads/large', Readable.from([randomBytes(1_500_000), randomBytes(1_500_000)])),
    ).rejects.toBeInstanceOf(OutOfSpaceError);
    await using elsewhere = await otherFileSystem();
    const file = join(elsewhere.directory, 'large');
    await writeFile(file, randomBytes(3_000_000));
    await expect(full.putFile('uploads/large', file)).rejects.toBeInstanceOf(OutOfSpaceError);
    expect((await stat(file)).size).toBe(3_000_000);
    expect(await full.stat('uploads/large')).toBeUndefined();
    expect(await readdir(join(disk.directory, '.tmp'))).toEqual([]);
    expect(await full.put('uploads/small', Readable.from([randomBytes(500_000)]))).toEqual({ bytes: 500_000 });
  });
});

describe('durability', () => {
  test('syncs a file and each directory that got an entry, once', async () => {
    const synced = await watchSyncs(() => storage.put('outputs/job/1/a', Readable.from(['x'])));
    const names = ['file', 'outputs', 'outputs/job', 'outputs/job/1', '.'];
    expect(synced.toSorted()).toEqual(await identities(names, 'outputs/job/1/a'));
    const again = await watchSyncs(() => storage.put('outputs/job/1/b', Readable.from(['x'])));
    expect(again.toSorted()).toEqual(await identities(['file', 'outputs/job/1'], 'outputs/job/1/b'));
  });

  test('lets writes into one directory share its syncs', async () => {
    await storage.put('uploads/first', Readable.from(['x']));
    const synced = await watchSyncs(() =>
      Promise.all(Array.from({ length: 20 }, (_, i) => storage.put(`uploads/${i}`, Readable.from(['x'])))),
    );
    const [uploads] = await identities(['uploads'], '');
    const ofDirectory = synced.filter((identity) => identity === uploads).length;
    expect(synced.length - ofDirectory).toBe(20);
    expect(ofDirectory).toBeGreaterThan(0);
    expect(ofDirectory).toBeLessThan(20);
  });
});

async function* failing() {
  yield randomBytes(100_000);
  throw new Error('stop');
}

async function identities(names: string[], file: string): Promise<string[]> {
  const stats = await Promise.all(names.map((name) => stat(join(directory, name === 'file' ? file : name))));
  return stats.map(({ ino }) => String(ino)).toSorted();
}

async function modes(...names: string[]): Promise<string[]> {
  const stats = await Promise.all(names.map((name) => stat(join(directory, name))));
  return stats.map(({ mode }) => (mode & 0o777).toString(8));
}

async function fileHandlePrototype(): Promise<FileHandle> {
  await using handle = await open('/dev/null');
  return Object.getPrototypeOf(handle) as FileHandle;
}

/** The inodes that were synced while `work` ran. */
async function watchSyncs(work: () => Promise<unknown>): Promise<string[]> {
  const synced: string[] = [];
  const prototype = await fileHandlePrototype();
  const sync = prototype.sync;
  const spy = jest.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    synced.push(String((await this.stat()).ino));
    return sync.call(this);
  });
  await work();
  spy.mockRestore();
  return synced;
}

/** A directory that no rename from the temporary directory can reach. */
async function otherFileSystem(): Promise<AsyncDisposable & { directory: string }> {
  const elsewhere = await mkdtemp('/dev/shm/storage-');
  return { directory: elsewhere, [Symbol.asyncDispose]: () => rm(elsewhere, { recursive: true }) };
}

/** A tmpfs of that size where we may mount one, else a directory whose file writes fail beyond it, as those of a full disk do. */
async function smallDisk(bytes: number): Promise<AsyncDisposable & { directory: string }> {
  const mountPoint = await mkdtemp(join(tmpdir(), 'small-disk-'));
  const run = promisify(execFile);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', mountPoint]).then(
    () => true,
    () => false,
  );
  if (mounted) {
    const unmount = async () => {
      await run('umount', [mountPoint]);
      await rm(mountPoint, { recursive: true });
    };
    return { directory: mountPoint, [Symbol.asyncDispose]: unmount };
  }
  const prototype = await fileHandlePrototype();
  const write = prototype.writeFile;
  const written = new WeakMap<FileHandle, number>();
  const spy = jest.spyOn(prototype, 'writeFile').mockImplementation(async function (this: FileHandle, data) {
    const buffer = data as Buffer;
    const total = (written.get(this) ?? 0) + buffer.length;
    written.set(this, total);
    if (total <= bytes) return write.call(this, buffer);
    await write.call(this, buffer.subarray(0, 1000));
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  });
  const restore = async () => {
    spy.mockRestore();
    await rm(mountPoint, { recursive: true });
  };
  return { directory: mountPoint, [Symbol.asyncDispose]: restore };
}
