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
import type { Expectation, Scenario } from './scenario.js';
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

/** Alerts that a fault brings when it goes on. It takes minutes until they are over. */
const later = new Map<Scenario, Expectation>([
  [postgresqlAway, { alert: 'TintypeApiAvailabilityBudgetBurnSlow' }],
  [poisonImages, { alert: 'TintypeJobSuccessBudgetBurnSlow' }],
]);

export const all: readonly Group[] = [
  ...quick.map((group) => group.map((scenario) => withLater(scenario))),
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

function withLater(scenario: Scenario): Scenario {
  const also = later.get(scenario);
  return also ? { ...scenario, alerts: [...scenario.alerts, also] } : scenario;
}
