/** All that the page of examples presumes: its files, its servers, and a shell that knows them. */
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataSourceOptions, databaseSettings, migrate } from '@tintype/jobs';
import { freePort, type RunningService, samples, startService, testDatabase, testDirectory, testRedis } from '@tintype/testing';
import sharp from 'sharp';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { root } from '../root.js';
import { OtherServer } from './other-server.js';
import type { Server } from './page.js';
import { type Ran, Shell } from './shell.js';

const otherUrl = 'http://localhost:9000';

export class Site {
  private constructor(
    readonly other: OtherServer,
    private readonly shell: Shell,
    /** From the addresses of the page to the real ones. */
    private readonly addresses: ReadonlyMap<string, string>,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  /** An API for each of the servers; the settings of the first are those of the worker, too. */
  static async open(servers: readonly Server[]): Promise<Site> {
    const [database, redis, images, directory] = await Promise.all([
      testDatabase({ migrate: migrateDatabase }),
      testRedis(),
      testDirectory(),
      testDirectory(),
    ]);
    const env = { ...database.settings, ...redis.settings, STORAGE_DIR: images.path };
    const shell = await Shell.open(directory.path, { ...env, TINTYPE: root });
    const [other, started] = await Promise.all([
      OtherServer.start(directory.path),
      Promise.allSettled([
        ...servers.map(({ settings }) => start('api', 'API_PORT', { ...env, ...settings })),
        start('worker', 'METRICS_PORT', { ...env, ...servers[0]?.settings }),
      ]),
      writeFiles(directory.path),
    ]);
    const services = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const cleanUp = async (): Promise<void> => {
      await Promise.all(services.map(({ service }) => service.stop('SIGKILL')));
      await Promise.all([other.close(), database.drop(), images.remove(), directory.remove()]);
    };
    const failed = started.find((outcome) => outcome.status === 'rejected');
    if (failed) {
      await cleanUp();
      throw failed.reason;
    }
    const addresses = servers.map(({ url }, index) => [url, services[index]?.url ?? ''] as const);
    return new Site(other, shell, new Map([...addresses, [otherUrl, other.url]]), cleanUp);
  }

  /** With the real addresses of the servers. */
  located(text: string): string {
    return [...this.addresses].reduce((located, [from, to]) => located.replaceAll(from, to), text);
  }

  run(command: string, variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return this.shell.run(this.located(command), variables);
  }

  close(): Promise<void> {
    return this.cleanUp();
  }
}

interface Started {
  readonly url: string;
  readonly service: RunningService;
}

async function start(name: 'api' | 'worker', portSetting: string, env: Readonly<Record<string, string>>): Promise<Started> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const entry = join(root, 'services', name, 'dist/main.js');
  const options = { entry, env: { ...env, [portSetting]: String(port) }, readyUrl: `${url}/readyz`, timeoutMs: 60_000 };
  return { url, service: await startService(options) };
}

async function migrateDatabase(environment: { DATABASE_URL: string }): Promise<void> {
  const settings = z.object(databaseSettings).parse(environment);
  const dataSource = await new DataSource(dataSourceOptions(settings)).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
}

/** The files that the page names. */
async function writeFiles(directory: string): Promise<void> {
  const files = {
    'photo.jpg': samples.photo(2000, 1500),
    'tiny.png': samples.icon(16),
    'animation.gif': samples.animatedGif({ width: 8, height: 8, frames: 300 }),
    'bomb.png': samples.pngBomb(),
    'broken.jpg': samples.truncatedJpeg(),
    'plain.webp': plainPicture(),
    'note.txt': samples.text(),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), await content);
  const huge = await open(join(directory, 'huge.tif'), 'w');
  await huge.truncate(30 * 2 ** 20);
  await huge.close();
}

/** 49 million pixels in a few bytes. */
function plainPicture(): Promise<Buffer> {
  const create = { width: 7000, height: 7000, channels: 3, background: '#369' } as const;
  return sharp({ create }).webp({ lossless: true, effort: 0 }).toBuffer();
}
