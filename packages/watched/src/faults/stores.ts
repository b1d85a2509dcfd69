/** What can happen to PostgreSQL, Redis and the storage. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fair } from '@tintype/faults';
import { storedPicture, submit, submitSource, visitorOf } from './jobs.js';
import { repeat } from './repeat.js';
import type { Scenario } from './scenario.js';

export const redisDown: Scenario = {
  faults: ['redis-down'],
  title: 'Redis is killed',
  alerts: [{ alert: 'TintypeRedisDown' }],
  async begin({ site }) {
    await site.redis.kill();
    return () => site.redis.start();
  },
};

export const redisFull: Scenario = {
  faults: ['redis-full'],
  title: 'Redis takes no more writes',
  alerts: [{ alert: 'TintypeWakesFailing' }],
  async begin(watched) {
    const { redis } = watched.site;
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    const stop = repeat(150, () => submit(watched, 1));
    return async () => {
      await stop();
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    };
  },
};

export const redisFlaky: Scenario = {
  faults: ['redis-flaky'],
  title: 'Redis is killed and comes back, again and again',
  alerts: [{ alert: 'TintypeDependencyFlaky', labels: { dependency: 'redis' } }],
  async begin({ site }) {
    return repeat(1_500, async () => {
      await site.redis.kill();
      await sleep(1_500);
      await site.redis.start();
    });
  },
};

export const postgresqlAway: Scenario = {
  faults: ['postgresql-away', 'api-errors'],
  title: 'PostgreSQL is killed',
  alerts: [
    { alert: 'TintypeDependencyDown', labels: { dependency: 'postgresql' } },
    { alert: 'TintypeApiErrors' },
    { alert: 'TintypeApiAvailabilityBudgetBurnFast' },
    { alert: 'TintypeGaugeUnreadable' },
  ],
  async begin({ site }) {
    await site.postgres.crash('SIGKILL');
    return () => site.postgres.start();
  },
};

export const postgresqlSlow: Scenario = {
  faults: ['postgresql-slow', 'api-slow'],
  title: 'Every statement takes 0.7 s longer',
  alerts: [
    { alert: 'TintypeDatabaseSlow' },
    { alert: 'TintypeApiSlow' },
    { alert: 'TintypeApiLatencyBudgetBurnFast' },
    { alert: 'TintypeApiLatencyBudgetBurnSlow' },
  ],
  async begin(watched) {
    const { postgres } = watched.site.lines;
    // Less than the second that a health check waits: it is slow, not away.
    postgres.delay(700);
    const visitor = visitorOf(watched);
    const ofOneStatement = () => visitor.ask('/v1/jobs?limit=1', 200);
    const ofSeveral = async () => {
      const id = await watched.site.subscribe('http://127.0.0.1:9/');
      await visitor.ask(`/v1/webhook-endpoints/${id}`, 204, { method: 'DELETE' });
    };
    // Fewer than there are connections.
    const stops = [ofOneStatement, ofOneStatement, ...Array.from({ length: 7 }, () => ofSeveral)].map((ask) => repeat(0, ask));
    return async () => {
      postgres.delay(0);
      await Promise.all(stops.map((stop) => stop()));
    };
  },
};

export const poolExhausted: Scenario = {
  faults: ['pool-exhausted'],
  title: 'More requests at the same time than there are connections to PostgreSQL, each for a quarter of a second',
  alerts: [{ alert: 'TintypeDatabasePoolExhausted' }],
  async begin(watched) {
    const { postgres } = watched.site.lines;
    postgres.delay(250);
    const stops = Array.from({ length: 40 }, () => repeat(0, () => visitorOf(watched).ask('/v1/jobs?limit=1', 200)));
    return async () => {
      postgres.delay(0);
      await Promise.all(stops.map((stop) => stop()));
    };
  },
};

export const storageAway: Scenario = {
  faults: ['storage-away'],
  title: 'Every operation of the storage fails',
  alerts: [
    { alert: 'TintypeDependencyDown', labels: { dependency: 'storage' } },
    { alert: 'TintypeJobsPostponed' },
    { alert: 'TintypeStorageErrors' },
  ],
  async begin(watched) {
    const { store } = watched.site;
    const picture = await storedPicture(watched);
    await store.setWeather({ ...fair, failing: 1 });
    const stop = repeat(150, () => submitSource(watched, { upload_id: picture }));
    return async () => {
      await stop();
      await store.setWeather(fair);
    };
  },
};

export const storageFull: Scenario = {
  faults: ['storage-full'],
  title: 'The disk of the storage is full',
  alerts: [{ alert: 'TintypeStorageFull' }],
  async begin(watched) {
    const { apis, store } = watched.site;
    await store.disk.fill(apis);
    const stop = repeat(200, () => storedPicture(watched));
    return async () => {
      await stop();
      await store.disk.free(apis);
    };
  },
};

export const upkeepFailing: Scenario = {
  faults: ['upkeep-failing'],
  title: 'The storage cannot be listed when it is time to look for files that belong to nothing',
  alerts: [{ alert: 'TintypeUpkeepFailing', labels: { task: 'orphans' } }],
  async begin({ site }) {
    await site.store.setWeather({ ...fair, failing: 1 });
    await site.rows(`update upkeep set active_at = now() - interval '7 hours' where task = 'orphans'`);
    return () => site.store.setWeather(fair);
  },
};

export const retentionStalled: Scenario = {
  faults: ['retention-stalled'],
  title: 'PostgreSQL lets nobody delete what is old',
  alerts: [{ alert: 'TintypeRetentionStalled' }, { alert: 'TintypeDatabaseErrors', labels: { reason: 'refused' } }],
  async begin({ site }) {
    await site.rows(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`);
    await site.rows('create trigger refuse before delete on idempotency_key for each statement execute function refuse()');
    return async () => {
      await site.rows('drop function refuse cascade');
    };
  },
};
