import { api, ofWorker, otherWorker, type Scenario, worker } from '../scenario.js';

export const workerScenarios: readonly Scenario[] = [
  {
    alert: 'TintypeJobsFailing',
    about: 'a third of the outputs fail',
    series: {
      [`worker_jobs_processed_total{${worker},action="resize",status="failed"}`]: '0+1x40',
      [`worker_jobs_processed_total{${worker},action="resize",status="completed"}`]: '0+2x40',
    },
    at: '30m',
    fires: { labels: ofWorker, seen: '33.33% of the outputs of demo-tintype-worker failed in 15 minutes.' },
  },
  {
    alert: 'TintypeJobsFailing',
    about: 'a fifth of the outputs fail, and all of the other release',
    series: {
      [`worker_jobs_processed_total{${worker},action="resize",status="failed"}`]: '0+1x40',
      [`worker_jobs_processed_total{${worker},action="resize",status="completed"}`]: '0+4x40',
      [`worker_jobs_processed_total{${otherWorker},action="resize",status="failed"}`]: '0+9x40',
    },
    at: '30m',
  },
  {
    alert: 'TintypeJobsFailing',
    about: 'all of a few outputs fail',
    series: { [`worker_jobs_processed_total{${worker},action="resize",status="failed"}`]: '0+0.5x40' },
    at: '30m',
  },

  {
    alert: 'TintypeWorkersSaturated',
    about: 'every worker is busy, and a job waits',
    series: {
      [`worker_jobs_active{${worker},pod="c"}`]: '2x30',
      [`worker_jobs_active{${worker},pod="d"}`]: '2x30',
      [`worker_concurrency{${worker},pod="c"}`]: '2x30',
      [`worker_concurrency{${worker},pod="d"}`]: '2x30',
      [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '45x30',
    },
    at: '20m',
    fires: { labels: ofWorker, seen: '100% of what demo-tintype-worker may run at once is in use.' },
  },
  {
    alert: 'TintypeWorkersSaturated',
    about: 'every worker is busy, and no job waits',
    series: {
      [`worker_jobs_active{${worker},pod="c"}`]: '2x30',
      [`worker_concurrency{${worker},pod="c"}`]: '2x30',
      [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '1x30',
    },
    at: '25m',
  },

  {
    alert: 'TintypeChildCrashes',
    about: 'image processes crash',
    series: { [`worker_child_exits_total{${worker},pod="c",reason="crashed"}`]: '0+1x30' },
    at: '20m',
    fires: {
      labels: { ...ofWorker, reason: 'crashed' },
      seen: '15 image processes of demo-tintype-worker ended in 15 minutes: crashed.',
    },
  },
  {
    alert: 'TintypeChildCrashes',
    about: 'image processes are recycled, and three crash in a quarter of an hour',
    series: {
      [`worker_child_exits_total{${worker},pod="c",reason="recycled"}`]: '0+5x30',
      [`worker_child_exits_total{${worker},pod="c",reason="crashed"}`]: '0+0.2x30',
    },
    at: '25m',
  },

  {
    alert: 'TintypeJobsPostponed',
    about: 'the storage is away',
    series: { [`worker_job_attempts_total{${worker},pod="c",outcome="postponed"}`]: '0+4x30' },
    at: '20m',
    fires: { labels: ofWorker, seen: 'demo-tintype-worker put jobs off 20 times in five minutes.' },
  },
  {
    alert: 'TintypeJobsPostponed',
    about: 'the storage did not answer two jobs',
    series: { [`worker_job_attempts_total{${worker},pod="c",outcome="postponed"}`]: '0x5 2x40' },
    at: '9m',
  },

  {
    alert: 'TintypeLeasesExpiring',
    about: 'leases expire all the time',
    series: { [`worker_leases_expired_total{${worker},pod="c"}`]: '0+1x40' },
    at: '30m',
    fires: { labels: ofWorker, seen: '10 leases expired on demo-tintype-worker in ten minutes.' },
  },
  {
    alert: 'TintypeLeasesExpiring',
    about: 'a worker has died once',
    series: { [`worker_leases_expired_total{${worker},pod="c"}`]: '0x5 4x40' },
    at: '14m',
  },

  {
    alert: 'TintypeJobsRetrying',
    about: 'jobs are tried again and do not end',
    series: {
      [`worker_job_attempts_total{${worker},pod="c",outcome="retried"}`]: '0+6x40',
      [`worker_job_attempts_total{${worker},pod="c",outcome="completed"}`]: '0+2x40',
    },
    at: '30m',
    fires: { labels: ofWorker, seen: 'demo-tintype-worker made 60 attempts again in ten minutes.' },
  },
  {
    alert: 'TintypeJobsRetrying',
    about: 'more jobs end',
    series: {
      [`worker_job_attempts_total{${worker},pod="c",outcome="retried"}`]: '0+6x40',
      [`worker_job_attempts_total{${worker},pod="c",outcome="completed"}`]: '0+5x40',
      [`worker_job_attempts_total{${worker},pod="c",outcome="failed"}`]: '0+2x40',
    },
    at: '35m',
  },
  {
    alert: 'TintypeJobsRetrying',
    about: 'one job is tried again now and then',
    series: {
      [`worker_job_attempts_total{${worker},pod="c",outcome="retried"}`]: '0+1x40',
      [`worker_job_attempts_total{${worker},pod="c",outcome="completed"}`]: '0x40',
      [`worker_job_attempts_total{${worker},pod="c",outcome="failed"}`]: '0x40',
    },
    at: '35m',
  },

  {
    alert: 'TintypeChildMemoryHigh',
    about: 'an image process comes close to its limit time and again',
    series: {
      [`worker_child_memory_largest_bytes{${worker},pod="c"}`]: '100 950 100x5 950 100x5 950 100x10',
      [`worker_child_memory_limit_bytes{${worker},pod="c"}`]: '1000x40',
      [`worker_child_memory_largest_bytes{${worker},pod="d"}`]: '500x40',
      [`worker_child_memory_limit_bytes{${worker},pod="d"}`]: '1000x40',
    },
    at: '16m',
    fires: {
      labels: { ...ofWorker, pod: 'c' },
      seen: 'The largest image process of c held 95% of what it may.',
    },
  },
  {
    alert: 'TintypeChildMemoryHigh',
    about: 'it happened once',
    series: {
      [`worker_child_memory_largest_bytes{${worker},pod="c"}`]: '100x5 950 100x40',
      [`worker_child_memory_limit_bytes{${worker},pod="c"}`]: '1000x50',
    },
    at: '17m',
  },
];
