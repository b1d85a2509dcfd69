/** Where the images of a site are, and how that can be made to fail. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSettings } from '@tintype/platform';
import { createStorage, type Storage, storageSettings } from '@tintype/storage';
import type { Change } from '../changes/change.js';
import { fair, underWeather, type Weather, weatherVariable } from '../changes/weather.js';
import type { Random } from './random.js';
import { S3Server } from './s3-server.js';
import { type SmallDisk, smallDisk } from './small-disk.js';

/**
 * `unsteady` and `s3` have bad days on demand (`s3` takes versitygw in the PATH), `small` is a disk that can be filled, `frail` a larger
 * one that has bad days, too.
 */
export type StoreKind = 'directory' | 'unsteady' | 's3' | 'small' | 'frail';

const disks = { small: '3m', frail: '64m' } as const;

export class Store {
  private constructor(
    /** As the services see it, without its bad days. */
    readonly storage: Storage,
    /** For the services. */
    readonly env: Readonly<Record<string, string>>,
    readonly changes: readonly Change[],
    private readonly parts: {
      readonly directory: string;
      readonly s3?: S3Server;
      readonly disk?: SmallDisk;
      readonly weatherFile?: string;
    },
  ) {}

  static async open(kind: StoreKind, directory: string, random: Random): Promise<Store> {
    await mkdir(directory);
    if (kind === 's3') {
      const s3 = await S3Server.start(directory, random);
      return new Store(await storageOf(s3.env), s3.env, [], { directory, s3 });
    }
    const env = { STORAGE_DIR: directory };
    const disk = kind === 'small' || kind === 'frail' ? await smallDisk(directory, disks[kind]) : undefined;
    const storage = await storageOf(env);
    const parts = { directory, ...(disk && { disk }) };
    if (kind === 'directory' || kind === 'small') return new Store(storage, env, [], parts);
    const weatherFile = `${directory}.weather`;
    const store = new Store(storage, { ...env, [weatherVariable]: weatherFile }, underWeather, { ...parts, weatherFile });
    await store.setWeather(fair);
    return store;
  }

  /** From now on, for all services. */
  async setWeather(weather: Weather): Promise<void> {
    const { s3, weatherFile } = this.parts;
    if (s3) s3.weather = weather;
    else if (weatherFile) await writeFile(weatherFile, JSON.stringify(weather));
    else throw new Error('this storage has no weather');
  }

  get disk(): SmallDisk {
    if (!this.parts.disk) throw new Error('this storage has no disk of its own');
    return this.parts.disk;
  }

  /** The bytes of a file, if it is there. */
  async read(key: string): Promise<Buffer | undefined> {
    if (!(await this.storage.stat(key))) return undefined;
    const { body } = await this.storage.get(key);
    return Buffer.concat(await body.toArray());
  }

  async keys(): Promise<Set<string>> {
    const keys = new Set<string>();
    for await (const { key } of this.storage.list('')) keys.add(key);
    return keys;
  }

  /** Unfinished files and scratch directories. */
  async temporaryFiles(): Promise<string[]> {
    return readdir(join(this.parts.directory, '.tmp')).catch(() => []);
  }

  async close(): Promise<void> {
    await this.parts.s3?.close();
    await this.parts.disk?.remove();
  }
}

function storageOf(env: Readonly<Record<string, string>>): Promise<Storage> {
  return createStorage(loadSettings(storageSettings, env));
}
