/** What can happen to the processes of the services. */
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { leaseSeconds, packageVariable } from '../changes.js';
import { replicas } from '../watched-site.js';
import { poison } from './jobs.js';
import { repeat } from './repeat.js';
import type { Scenario } from './scenario.js';

export const apiDown: Scenario = {
  faults: ['api-down'],
  title: 'No API is there',
  alerts: [{ alert: 'TintypeApiDown' }],
  async begin({ site }) {
    await site.apis.scale(0);
    return () => site.apis.scale(replicas);
  },
};

export const scrapeFailing: Scenario = {
  faults: ['scrape-failing'],
  title: 'One of the APIs is stopped (SIGSTOP)',
  alerts: [{ alert: 'TintypeTargetDown' }],
  async begin({ site }) {
    const [api] = site.apis.services;
    api?.freeze();
    return async () => api?.thaw();
  },
};

export const versionSkew: Scenario = {
  faults: ['version-skew'],
  title: 'An API of another version stays beside the others',
  alerts: [{ alert: 'TintypeVersionSkew' }],
  async begin({ site, olderPackage }) {
    await writeFile(olderPackage, JSON.stringify({ version: '0.0.1' }));
    await site.apis.start(1, { [packageVariable]: pathToFileURL(olderPackage).href });
    return () => site.apis.scale(replicas);
  },
};

export const podRestarting: Scenario = {
  faults: ['pod-restarting'],
  title: 'A worker is killed again and again',
  alerts: [{ alert: 'TintypePodRestarting' }],
  async begin({ site }) {
    const killed = 4;
    for (let count = 0; count < killed; count++) {
      await site.workers.services[0]?.stop('SIGKILL');
      await site.workers.settled();
    }
    return () => Promise.resolve();
  },
};

/** Jobs that take long enough to be lost, and a worker that loses them. */
export const leasesExpiring: Scenario = {
  faults: ['leases-expiring'],
  title: 'A worker sleeps through its leases, again and again (SIGSTOP)',
  alerts: [{ alert: 'TintypeLeasesExpiring' }],
  async begin(watched) {
    const stopJobs = repeat(400, () => poison(watched, 'slow'));
    const stopNaps = repeat(1_000, async () => {
      const [worker] = watched.site.workers.services;
      worker?.freeze();
      await sleep((leaseSeconds + 3) * 1_000);
      worker?.thaw();
    });
    return async () => {
      await Promise.all([stopJobs(), stopNaps()]);
    };
  },
};

export const workersFrozen: Scenario = {
  faults: ['workers-frozen'],
  title: 'All workers are stopped in the middle of their jobs (SIGSTOP)',
  alerts: [{ alert: 'TintypeLeasesOverdue' }],
  async begin(watched) {
    const { workers } = watched.site;
    await Promise.all(Array.from({ length: 8 }, () => poison(watched, 'slow')));
    await sleep(1_000);
    const frozen = workers.services;
    for (const worker of frozen) worker.freeze();
    return async () => {
      for (const worker of frozen) worker.thaw();
    };
  },
};

export const metricsMissing: Scenario = {
  faults: ['metrics-missing'],
  title: 'Another program answers where Prometheus looks for the API',
  alerts: [{ alert: 'TintypeMetricsMissing' }],
  async begin({ pods }) {
    pods.misdirected = true;
    return async () => {
      pods.misdirected = false;
    };
  },
};

export const eventLoopBusy: Scenario = {
  faults: ['event-loop-busy'],
  title: 'The APIs compute without a pause',
  alerts: [{ alert: 'TintypeEventLoopSaturated' }],
  async begin({ moodFiles }) {
    await writeFile(moodFiles.busy, '');
    return () => rm(moodFiles.busy);
  },
};
