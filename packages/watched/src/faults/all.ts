/** Every fault, in groups of those that do not disturb each other. */
import {
  apiDown,
  eventLoopBusy,
  leasesExpiring,
  metricsMissing,
  podRestarting,
  scrapeFailing,
  versionSkew,
  workersFrozen,
} from './processes.js';
import type { Scenario } from './scenario.js';
import {
  poolExhausted,
  postgresqlAway,
  postgresqlSlow,
  redisDown,
  redisFlaky,
  redisFull,
  retentionStalled,
  storageAway,
  storageFull,
  upkeepFailing,
} from './stores.js';
import { endpointDead, endpointDisabled, senderHangs } from './webhooks.js';
import {
  backlogFull,
  eventStreamsFull,
  imageTimeouts,
  jobsFailing,
  jobsLate,
  jobsRetried,
  memoryHigh,
  memoryKills,
  noWorker,
  poisonImages,
  queueStuck,
  uploadsFull,
  workersSaturated,
} from './work.js';

type Group = readonly Scenario[];

/** Those of the most common outages, which are over soon. */
export const quick: readonly Group[] = [
  [postgresqlAway],
  [noWorker, backlogFull],
  [endpointDead, jobsFailing, imageTimeouts, scrapeFailing],
  [poisonImages, memoryKills],
  [redisDown, storageFull],
  [podRestarting],
  [storageAway],
];

export const all: readonly Group[] = [
  ...quick,
  // Before others that make jobs, or requests, late as well: a budget that was burned shows for six minutes.
  [jobsLate],
  [queueStuck],
  [workersSaturated],
  [jobsRetried],
  [workersFrozen],
  [leasesExpiring],
  [eventStreamsFull],
  [uploadsFull],
  [senderHangs],
  [endpointDisabled],
  [redisFull],
  [redisFlaky],
  [postgresqlSlow],
  [poolExhausted],
  [upkeepFailing],
  [retentionStalled],
  [memoryHigh, versionSkew],
  [metricsMissing],
  [eventLoopBusy],
  [apiDown],
];
