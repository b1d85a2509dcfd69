import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { eventually } from '@tintype/testing';
import request from 'supertest';
import { HealthModule } from './health-module.js';
import type { HealthCheck } from './health-options.js';
import { Readiness } from './readiness.js';

@Injectable()
class Database {
  ping(): Promise<string> {
    return Promise.resolve('pong');
  }
}

@Module({ providers: [Database], exports: [Database] })
class DatabaseModule {}

describe('HealthModule', () => {
  let app: NestExpressApplication;
  let storage: HealthCheck;
  let queue: HealthCheck;
  let storageChecks: number;
  let alive: boolean;

  beforeEach(async () => {
    storageChecks = 0;
    storage = async () => {};
    queue = async () => {};
    alive = true;
    const module = HealthModule.registerAsync({
      imports: [DatabaseModule],
      inject: [Database],
      useFactory: (database: Database) => ({
        checks: {
          database: () => database.ping(),
          storage: () => {
            storageChecks += 1;
            return storage();
          },
        },
        watched: { redis: () => queue() },
        alive: () => alive,
      }),
    });
    app = await NestFactory.create<NestExpressApplication>(module, { logger: false });
    await app.listen(0, '127.0.0.1');
    await eventually(() => 'redis' in found());
    passTime(1500);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await app.close();
  });

  const found = () => app.get(Readiness).found;
  const realNow = performance.now.bind(performance);
  let ahead = 0;
  /** For the answers that are kept. */
  function passTime(ms: number): void {
    ahead += ms;
    jest.spyOn(performance, 'now').mockImplementation(() => realNow() + ahead);
  }

  const get = (path: string) => request(app.getHttpServer()).get(path);

  test('is ready while all checks pass, and names them', async () => {
    const response = await get('/readyz');
    expect(response.status).toBe(200);
    expect(response.headers['cache-control']).toBe('no-store');
    const passed = { status: 'ok', duration_ms: expect.any(Number) };
    expect(response.body).toEqual({ status: 'ok', checks: { database: passed, storage: passed } });
  });

  test.each<[string, HealthCheck]>([
    ['rejects', () => Promise.reject(new Error('c4nary'))],
    [
      'throws',
      () => {
        throw new Error('c4nary');
      },
    ],
    ['rejects without an error', () => Promise.reject()],
    ['hangs', () => new Promise(() => {})],
  ])('is not ready when a check %s, and says which but not why', async (_how, check) => {
    storage = check;
    const started = performance.now();
    const response = await get('/readyz');
    expect(performance.now() - started).toBeLessThan(2000);
    expect(response.status).toBe(503);
    expect(response.body).toMatchObject({
      status: 'failed',
      checks: { database: { status: 'ok' }, storage: { status: 'failed' } },
    });
    expect(response.text).not.toContain('c4nary');
  });

  test('checks but once for all who ask within a second, and then anew', async () => {
    await Promise.all([get('/readyz'), get('/readyz'), get('/readyz')]);
    await get('/readyz');
    expect(storageChecks).toBe(2);
    passTime(1500);
    await app.get(Readiness).report();
    expect(storageChecks).toBe(3);
  });

  test('has looked before anybody asks, and tells what it found last', async () => {
    expect(storageChecks).toBe(1);
    expect(found()).toMatchObject({ database: { status: 'ok' }, storage: { status: 'ok' }, redis: { status: 'ok' } });
    storage = () => Promise.reject(new Error('down'));
    await get('/readyz');
    expect(found()).toMatchObject({ database: { status: 'ok' }, storage: { status: 'failed' } });
  });

  test('is ready without what is only watched, and does not wait for it', async () => {
    queue = () => new Promise(() => {});
    const response = await get('/readyz');
    expect(response.body).toMatchObject({ status: 'ok' });
    expect(Object.keys(response.body.checks)).toEqual(['database', 'storage']);
    expect(found()).toMatchObject({ redis: { status: 'ok' } });
    await eventually(() => found()['redis']?.status === 'failed');
  });

  test('is not ready from when it drains, whatever the checks say', async () => {
    app.get(Readiness).drain();
    const response = await get('/readyz');
    expect(response.status).toBe(503);
    expect(response.body).toEqual({ status: 'draining', checks: {} });
    expect((await get('/livez')).status).toBe(200);
  });

  test('is alive whatever its dependencies do, as long as it does its own work', async () => {
    storage = () => Promise.reject(new Error('down'));
    expect((await get('/livez')).body).toEqual({ status: 'ok' });
    expect(storageChecks).toBe(1);
    alive = false;
    const response = await get('/livez');
    expect(response.status).toBe(503);
    expect(response.body).toEqual({ status: 'failed' });
  });

  test('has started once the application has', async () => {
    expect((await get('/startupz')).body).toEqual({ status: 'ok' });
    expect(new Readiness({ checks: {} }).started).toBe(false);
  });
});
