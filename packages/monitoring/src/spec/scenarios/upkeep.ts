import { ofWorker, type Scenario, worker } from '../scenario.js';

export const upkeepScenarios: readonly Scenario[] = [
  {
    alert: 'TintypeRetentionStalled',
    about: 'no worker has had a round that succeeded for more than an hour',
    series: {
      [`upkeep_last_success_timestamp_seconds{${worker},pod="a",task="retention"}`]: '60x120',
      [`upkeep_last_success_timestamp_seconds{${worker},pod="b",task="retention"}`]: '0x120',
    },
    at: '81m',
    fires: {
      labels: ofWorker,
      seen: 'No round of the retention of demo-tintype-worker has succeeded for 1h 20m 0s.',
    },
  },
  {
    alert: 'TintypeRetentionStalled',
    about: 'no round has succeeded since the workers were started',
    series: { [`process_start_time_seconds{${worker},pod="a"}`]: '60x120' },
    at: '81m',
    fires: { labels: ofWorker, seen: 'No round of the retention of demo-tintype-worker has succeeded for 1h 20m 0s.' },
  },
  {
    alert: 'TintypeRetentionStalled',
    about: 'one of two workers does it for both',
    series: {
      [`upkeep_last_success_timestamp_seconds{${worker},pod="a",task="retention"}`]: '0+60x120',
      [`upkeep_last_success_timestamp_seconds{${worker},pod="b",task="retention"}`]: '0x120',
      [`upkeep_last_success_timestamp_seconds{${worker},pod="a",task="orphans"}`]: '0x120',
    },
    at: '100m',
  },

  {
    alert: 'TintypeUpkeepFailing',
    about: 'the files of the storage cannot be listed',
    series: {
      [`upkeep_failures_total{${worker},pod="a",task="orphans"}`]: '0x10 1x9 2x9 3x9 4x60',
      [`upkeep_failures_total{${worker},pod="b",task="orphans"}`]: '0x99',
    },
    at: '60m',
    fires: {
      labels: { ...ofWorker, task: 'orphans' },
      seen: '4 rounds of the task orphans of demo-tintype-worker failed in six hours.',
    },
  },
  {
    alert: 'TintypeUpkeepFailing',
    about: 'one round failed, and many of the retention',
    series: {
      [`upkeep_failures_total{${worker},pod="a",task="orphans"}`]: '0x10 1x80',
      [`upkeep_failures_total{${worker},pod="a",task="retention"}`]: '0+1x90',
    },
    at: '80m',
  },
];
