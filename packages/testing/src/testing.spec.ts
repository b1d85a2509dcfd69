import { Redis } from 'ioredis';
import pg from 'pg';
import sharp from 'sharp';
import { eventually, samples, testDatabase, testRedis } from './index.js';

describe('testDatabase', () => {
  test('gives every caller a database of its own with the migrated tables', async () => {
    let migrations = 0;
    const migrate = async (settings: { DATABASE_URL: string }): Promise<void> => {
      migrations++;
      await query(settings.DATABASE_URL, 'create table plate (id int)');
    };
    const [first, second] = await Promise.all([
      testDatabase({ migrate, template: 'plates' }),
      testDatabase({ migrate, template: 'plates' }),
    ]);
    await query(first.url, 'insert into plate values (1)');

    expect(await query(first.url, 'select * from plate')).toHaveLength(1);
    expect(await query(second.url, 'select * from plate')).toHaveLength(0);
    expect(migrations).toBe(1);
    await Promise.all([first.drop(), second.drop()]);
  });

  test('drops a database that still has clients', async () => {
    const database = await testDatabase();
    const client = new pg.Client({ connectionString: database.url });
    const disconnected = new Promise((resolve) => client.on('error', resolve));
    await client.connect();

    await database.drop();

    await disconnected;
    await expect(query(database.url, 'select 1')).rejects.toThrow(/does not exist/);
  });
});

test('testRedis gives every caller a database of its own, and flushes only that', async () => {
  const [mine, yours] = await Promise.all([testRedis(), testRedis()]);
  const [a, b] = [new Redis(mine.url), new Redis(yours.url)];
  await Promise.all([a.set('key', 'mine'), b.set('key', 'yours')]);

  await mine.flush();

  expect(await a.get('key')).toBeNull();
  expect(await b.get('key')).toBe('yours');
  a.disconnect();
  b.disconnect();
});

describe('eventually', () => {
  test('waits until the check holds', async () => {
    let calls = 0;
    expect(await eventually(() => ++calls === 3 && 'third', { everyMs: 1 })).toBe('third');
  });

  test('rejects with the last failure of the check', async () => {
    await expect(eventually(() => expect(1).toBe(2), { timeoutMs: 20, everyMs: 5 })).rejects.toThrow(/toBe/);
  });
});

describe('samples', () => {
  test('are what their names say', async () => {
    expect(await sharp(await samples.photo(96, 64)).metadata()).toMatchObject({
      format: 'jpeg',
      width: 96,
      height: 64,
      channels: 3,
    });
    expect(await sharp(await samples.icon()).metadata()).toMatchObject({ format: 'png', width: 64, height: 64, hasAlpha: true });
    expect(await sharp(await samples.animatedGif(), { animated: true }).metadata()).toMatchObject({
      format: 'gif',
      width: 48,
      pageHeight: 32,
      pages: 4,
    });
    expect(await sharp(await samples.animatedWebp(), { animated: true }).metadata()).toMatchObject({
      format: 'webp',
      width: 48,
      pageHeight: 32,
      pages: 4,
    });
    expect(await sharp(await samples.exifJpeg(6)).metadata()).toMatchObject({
      format: 'jpeg',
      width: 60,
      height: 40,
      orientation: 6,
    });
    expect(await sharp(await samples.cmykJpeg()).metadata()).toMatchObject({ format: 'jpeg', space: 'cmyk', channels: 4 });
    expect(await sharp(await samples.deepPng()).metadata()).toMatchObject({ format: 'png', depth: 'ushort' });
    expect(await sharp(samples.pngBomb(), { limitInputPixels: false }).metadata()).toMatchObject({
      format: 'png',
      width: 50_000,
      height: 50_000,
    });
  });

  test('are damaged where they should be', async () => {
    const truncated = await samples.truncatedJpeg();
    expect(await sharp(truncated).metadata()).toMatchObject({ format: 'jpeg', width: 320 });
    await expect(sharp(truncated).raw().toBuffer()).rejects.toThrow(/premature end/i);
    await expect(sharp(samples.text()).metadata()).rejects.toThrow(/unsupported image format/);
  });

  test('are the same bytes every time', async () => {
    expect(await samples.photo(64, 64)).toEqual(await samples.photo(64, 64));
    expect(await samples.animatedGif()).toEqual(await samples.animatedGif());
  });
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
