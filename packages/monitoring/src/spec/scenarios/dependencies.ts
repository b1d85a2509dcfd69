import { api, ofApi, ofWorker, otherApi, type Scenario, type Series, worker } from '../scenario.js';

export const dependenciesScenarios: readonly Scenario[] = [
  {
    alert: 'TintypeStorageFull',
    about: 'uploads find no space',
    series: { [`image_uploads_rejected_total{${api},reason="out_of_space"}`]: '0+1x20' },
    at: '15m',
    fires: { labels: ofApi, seen: 'demo-tintype-api found no space for 10 files in ten minutes.' },
  },
  {
    alert: 'TintypeStorageFull',
    about: 'uploads are too large',
    series: {
      [`image_uploads_rejected_total{${api},reason="too_large"}`]: '0+1x20',
      [`image_uploads_rejected_total{${api},reason="out_of_space"}`]: '3x20',
    },
    at: '15m',
  },

  {
    alert: 'TintypeStorageFull',
    about: 'workers find no space for results',
    series: {
      [`storage_operation_errors_total{${worker},operation="put",reason="out_of_space"}`]: '0+2x20',
      [`storage_operation_errors_total{${worker},operation="put",reason="unavailable"}`]: '0+9x20',
    },
    at: '15m',
    fires: { labels: ofWorker, seen: 'demo-tintype-worker found no space for 20 files in ten minutes.' },
  },

  {
    alert: 'TintypeDependencyDown',
    about: 'no pod reaches PostgreSQL',
    series: {
      [`dependency_up{${api},pod="a",dependency="postgresql"}`]: '1 0x10',
      [`dependency_up{${api},pod="b",dependency="postgresql"}`]: '1 0x10',
      [`dependency_up{${otherApi},pod="c",dependency="postgresql"}`]: '1x10',
      [`dependency_up{${api},pod="a",dependency="storage"}`]: '1x10',
    },
    at: '5m',
    fires: {
      labels: { ...ofApi, dependency: 'postgresql' },
      seen: 'No pod of demo-tintype-api in pictures can use postgresql.',
    },
  },
  {
    alert: 'TintypeDependencyDown',
    about: 'one of two pods reaches it, and Redis is away',
    series: {
      [`dependency_up{${api},pod="a",dependency="postgresql"}`]: '0x20',
      [`dependency_up{${api},pod="b",dependency="postgresql"}`]: '1x20',
      [`dependency_up{${api},pod="a",dependency="redis"}`]: '0x20',
    },
    at: '15m',
  },

  {
    alert: 'TintypeDependencyFlaky',
    about: 'the storage is away for one pod of four',
    series: {
      [`dependency_up{${api},pod="a",dependency="storage"}`]: '0x30',
      [`dependency_up{${api},pod="b",dependency="storage"}`]: '1x30',
      [`dependency_up{${api},pod="c",dependency="storage"}`]: '1x30',
      [`dependency_up{${api},pod="d",dependency="storage"}`]: '1x30',
    },
    at: '20m',
    fires: {
      labels: { ...ofApi, dependency: 'storage' },
      seen: 'In 15 minutes the pods of demo-tintype-api could use storage for 75% of the time.',
    },
  },
  {
    alert: 'TintypeDependencyFlaky',
    about: 'it was away for a minute',
    series: { [`dependency_up{${api},pod="a",dependency="storage"}`]: '1x20 0 1x30' },
    at: '35m',
  },

  {
    alert: 'TintypeRedisDown',
    about: 'no pod reaches Redis',
    series: {
      [`dependency_up{${api},pod="a",dependency="redis"}`]: '0x20',
      [`dependency_up{${worker},pod="b",dependency="redis"}`]: '1x20',
    },
    at: '10m',
    fires: { labels: { ...ofApi, dependency: 'redis' }, seen: 'No pod of demo-tintype-api in pictures can use redis.' },
  },
  {
    alert: 'TintypeRedisDown',
    about: 'PostgreSQL wakes the workers, so that there is no Redis',
    series: { [`dependency_up{${api},pod="a",dependency="postgresql"}`]: '0x20' },
    at: '10m',
  },

  {
    alert: 'TintypeWakesFailing',
    about: 'Redis takes no wakes',
    series: {
      [`queue_wakes_total{${api},pod="a",outcome="failed"}`]: '0+3x40',
      [`queue_wakes_total{${api},pod="a",outcome="sent"}`]: '0+30x40',
    },
    at: '25m',
    fires: { labels: ofApi, seen: '30 wakes of demo-tintype-api failed in ten minutes.' },
  },
  {
    alert: 'TintypeWakesFailing',
    about: 'a failover of Redis loses some',
    series: { [`queue_wakes_total{${api},pod="a",outcome="failed"}`]: '0x5 40x40' },
    at: '20m',
  },

  {
    alert: 'TintypeDatabasePoolExhausted',
    about: 'statements wait all the time',
    series: { [`db_pool_waiting{${api},pod="a"}`]: '0 3x20', [`db_pool_waiting{${api},pod="b"}`]: '0x21' },
    at: '10m',
    fires: { labels: { ...ofApi, pod: 'a' }, seen: '3 statements wait in pod a.' },
  },
  {
    alert: 'TintypeDatabasePoolExhausted',
    about: 'statements wait now and then',
    series: { [`db_pool_waiting{${api},pod="a"}`]: '9x3 0 9x3 0 9x3 0 9x3 0 9x3' },
    at: '19m',
  },

  {
    alert: 'TintypeDatabaseErrors',
    about: 'PostgreSQL refuses statements',
    series: { [`db_query_errors_total{${api},pod="a",reason="refused"}`]: '0+2x30' },
    at: '20m',
    fires: {
      labels: { ...ofApi, reason: 'refused' },
      seen: '20 statements of demo-tintype-api failed in ten minutes: refused.',
    },
  },
  {
    alert: 'TintypeDatabaseErrors',
    about: 'a connection breaks once',
    series: { [`db_query_errors_total{${api},pod="a",reason="connection"}`]: '0x5 9x30' },
    at: '12m',
  },

  {
    alert: 'TintypeDatabaseSlow',
    about: 'claims take more than half a second',
    series: statements('claim', 10),
    at: '25m',
    fires: { labels: ofApi, seen: 'One in twenty statements of demo-tintype-api takes longer than 2.4s.' },
  },
  {
    alert: 'TintypeDatabaseSlow',
    about: 'only what the upkeep asks for takes that long, or there is hardly anything',
    series: { ...statements('other', 10), ...statements('claim', 1) },
    at: '25m',
  },

  {
    alert: 'TintypeStorageErrors',
    about: 'one write in ten fails',
    series: {
      [`storage_operation_errors_total{${api},operation="put",reason="unavailable"}`]: '0+2x30',
      [`storage_operation_duration_seconds_count{${api},operation="put"}`]: '0+20x30',
    },
    at: '20m',
    fires: {
      labels: ofApi,
      seen: '10% of the operations of the storage of demo-tintype-api failed in ten minutes.',
    },
  },
  {
    alert: 'TintypeStorageErrors',
    about: 'one in fifty fails, or all of hardly any',
    series: {
      [`storage_operation_errors_total{${api},operation="put",reason="unavailable"}`]: '0+2x30',
      [`storage_operation_duration_seconds_count{${api},operation="put"}`]: '0+100x30',
      [`storage_operation_errors_total{${worker},operation="get",reason="unavailable"}`]: '0+0.5x30',
      [`storage_operation_duration_seconds_count{${worker},operation="get"}`]: '0+0.5x30',
    },
    at: '25m',
  },
];

/** So many statements a minute, each between half a second and 2.5. */
function statements(statement: string, perMinute: number): Series {
  const name = (suffix: string, more = '') => `db_query_duration_seconds_${suffix}{${api},statement="${statement}"${more}}`;
  return {
    [name('bucket', ',le="0.5"')]: '0x30',
    [name('bucket', ',le="2.5"')]: `0+${perMinute}x30`,
    [name('bucket', ',le="+Inf"')]: `0+${perMinute}x30`,
    [name('count')]: `0+${perMinute}x30`,
  };
}
