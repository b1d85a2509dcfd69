import { api, ofApi, otherWorker, type Scenario, worker } from '../scenario.js';

export const queueScenarios: readonly Scenario[] = [
  {
    alert: 'TintypeNoWorkers',
    about: 'jobs are queued, as both pods of the API say, and only the other release has a worker',
    series: {
      [`jobs_unfinished{${api},pod="a",status="queued"}`]: '3x20',
      [`jobs_unfinished{${api},pod="b",status="queued"}`]: '3x20',
      [`up{${worker},pod="c"}`]: '0x20',
      [`up{${otherWorker},pod="d"}`]: '1x20',
    },
    at: '6m',
    fires: { labels: ofApi, seen: '3 jobs are queued in pictures, and no worker answers Prometheus.' },
  },
  {
    alert: 'TintypeNoWorkers',
    about: 'jobs are queued, and there is a worker',
    series: {
      [`jobs_unfinished{${api},pod="a",status="queued"}`]: '3x20',
      [`up{${worker},pod="c"}`]: '0x20',
      [`up{${worker},pod="d"}`]: '1x20',
    },
    at: '15m',
  },
  {
    alert: 'TintypeNoWorkers',
    about: 'there is no worker, and nothing to do',
    series: { [`jobs_unfinished{${api},pod="a",status="queued"}`]: '0x20' },
    at: '15m',
  },

  {
    alert: 'TintypeQueueStuck',
    about: 'jobs are only ever retried',
    series: {
      [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '0+60x30',
      [`up{${worker},pod="c"}`]: '1x30',
      [`worker_job_attempts_total{${worker},outcome="completed"}`]: '5x30',
      [`worker_job_attempts_total{${worker},outcome="retried"}`]: '0+1x30',
    },
    at: '15m',
    fires: { labels: ofApi, seen: 'A job has waited for 15m 0s in pictures, and none ended in five minutes.' },
  },
  {
    alert: 'TintypeQueueStuck',
    about: 'jobs wait, but some end',
    series: {
      [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '0+60x30',
      [`up{${worker},pod="c"}`]: '1x30',
      [`worker_job_attempts_total{${worker},outcome="failed"}`]: '0+1x30',
    },
    at: '15m',
  },

  {
    alert: 'TintypeQueueSlow',
    about: 'a job has waited for three minutes',
    series: { [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '180x20' },
    at: '11m',
    fires: { labels: ofApi, seen: 'A job has waited for 3m 0s in pictures.' },
  },
  {
    alert: 'TintypeQueueSlow',
    about: 'a job has waited for less than two',
    series: { [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '110x20' },
    at: '20m',
  },

  {
    alert: 'TintypeGaugeUnreadable',
    about: 'reads fail',
    series: { [`metrics_collect_failures_total{${api},pod="a",metric="jobs_unfinished"}`]: '0+2x20' },
    at: '12m',
    fires: { labels: { ...ofApi, metric: 'jobs_unfinished' }, seen: 'demo-tintype-api failed to read jobs_unfinished.' },
  },
  {
    alert: 'TintypeGaugeUnreadable',
    about: 'reads failed long ago',
    series: { [`metrics_collect_failures_total{${api},pod="a",metric="jobs_unfinished"}`]: '7x20' },
    at: '12m',
  },

  {
    alert: 'TintypeLeasesOverdue',
    about: 'nobody takes the jobs of a dead worker over, as both pods of the API say',
    series: {
      [`jobs_leases_overdue{${api},pod="a"}`]: '0x3 2x20',
      [`jobs_leases_overdue{${api},pod="b"}`]: '0x3 2x20',
    },
    at: '10m',
    fires: {
      labels: ofApi,
      seen: '2 jobs in pictures are running for workers that have stopped renewing their leases.',
    },
  },
  {
    alert: 'TintypeLeasesOverdue',
    about: 'they are taken over, time and again',
    series: { [`jobs_leases_overdue{${api},pod="a"}`]: '2x3 0 2x3 0 2x3 0x10' },
    at: '12m',
  },
];
