/** What can happen to the work: nobody does it, it does not get on, it is too much, or it is harmful. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits, replicas } from '../watched-site.js';
import { lockJobs, oldJobsWithoutWorkers, poison, submit, submitSource, unreadable, visitorOf } from './jobs.js';
import { repeat } from './repeat.js';
import type { Scenario } from './scenario.js';

export const noWorker: Scenario = {
  faults: ['no-worker'],
  title: 'No worker is there',
  alerts: [{ alert: 'TintypeNoWorkers' }],
  async begin(watched) {
    await watched.site.workers.scale(0);
    await submit(watched, 3);
    return () => watched.site.workers.scale(replicas);
  },
};

export const backlogFull: Scenario = {
  faults: ['backlog-full'],
  title: 'More jobs than may wait',
  alerts: [{ alert: 'TintypeBacklogFull' }],
  async begin(watched) {
    await watched.site.workers.scale(0);
    await submit(watched, limits.backlogJobs);
    const stop = repeat(200, () => submit(watched, 1));
    return async () => {
      await stop();
      await watched.site.workers.scale(replicas);
    };
  },
};

export const queueStuck: Scenario = {
  faults: ['queue-stuck'],
  title: 'A lock on the table keeps the workers from every job; jobs are ten minutes old',
  alerts: [{ alert: 'TintypeQueueStuck' }, { alert: 'TintypeQueueSlow' }],
  async begin(watched) {
    const { site } = watched;
    await oldJobsWithoutWorkers(watched, 10, 10);
    const release = await lockJobs(site.postgres.url);
    await site.workers.scale(replicas);
    return release;
  },
};

export const jobsLate: Scenario = {
  faults: ['jobs-late'],
  title: 'All jobs end ten minutes after they were accepted',
  alerts: [{ alert: 'TintypeJobFreshnessBudgetBurnFast' }, { alert: 'TintypeJobFreshnessBudgetBurnSlow' }],
  async begin({ site }) {
    await site.rows(`create function arrive_late() returns trigger language plpgsql as
      $$ begin new.created_at := new.created_at - interval '10 minutes'; return new; end $$`);
    await site.rows('create trigger arrive_late before insert on job for each row execute function arrive_late()');
    return async () => {
      await site.rows('drop function arrive_late cascade');
    };
  },
};

export const poisonImages: Scenario = {
  faults: ['poison-images'],
  title: 'Pictures that crash the process which reads them',
  alerts: [{ alert: 'TintypeChildCrashes', labels: { reason: 'crashed' } }, { alert: 'TintypeJobSuccessBudgetBurnFast' }],
  begin: async (watched) => repeat(1_200, () => poison(watched, 'segfault')),
};

export const memoryKills: Scenario = {
  faults: ['memory-kills'],
  title: 'Pictures that take more memory than they may',
  alerts: [{ alert: 'TintypeChildCrashes', labels: { reason: 'memory' } }],
  begin: async (watched) => repeat(1_000, () => poison(watched, 'swell')),
};

export const memoryHigh: Scenario = {
  faults: ['memory-high'],
  title: 'Pictures that take nearly as much memory as they may',
  alerts: [{ alert: 'TintypeChildMemoryHigh' }],
  begin: async (watched) => repeat(1_000, () => poison(watched, `hold${Math.round(0.93 * limits.childMemoryMb)}`)),
};

export const imageTimeouts: Scenario = {
  faults: ['image-timeouts'],
  title: 'Pictures that take longer than they may',
  alerts: [{ alert: 'TintypeChildCrashes', labels: { reason: 'timeout' } }],
  begin: async (watched) => repeat(2_000, () => poison(watched, 'hang')),
};

export const jobsFailing: Scenario = {
  faults: ['jobs-failing'],
  title: 'Pictures that nobody can read',
  alerts: [{ alert: 'TintypeJobsFailing' }],
  begin: async (watched) => repeat(200, () => unreadable(watched)),
};

export const jobsRetried: Scenario = {
  faults: ['jobs-retried'],
  title: 'A server that many sources are on answers with an error; attempts are made again',
  alerts: [{ alert: 'TintypeJobsRetrying' }],
  async begin(watched) {
    const server = createServer((_, response) => response.writeHead(503).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const stop = repeat(150, () => submitSource(watched, { url }));
    return async () => {
      await stop();
      server.closeAllConnections();
      server.close();
    };
  },
};

/** Some of them old, so that the queue is seen to be. */
export const workersSaturated: Scenario = {
  faults: ['workers-saturated'],
  title: 'All workers are busy with long jobs, and jobs have waited for ten minutes',
  alerts: [{ alert: 'TintypeWorkersSaturated' }],
  begin: async (watched) =>
    repeat(500, async () => {
      await Promise.all(Array.from({ length: 3 }, () => poison(watched, 'slow')));
      await watched.site.rows(`update job set run_at = now() - interval '10 minutes' where status = 'queued'`);
    }),
};

export const eventStreamsFull: Scenario = {
  faults: ['event-streams-full'],
  title: 'More clients follow jobs by their events than may',
  alerts: [{ alert: 'TintypeEventStreamsRefused' }],
  async begin(watched) {
    const closing = new AbortController();
    const follow = async (): Promise<unknown> => {
      const { id } = await poison(watched, 'slow');
      return visitorOf(watched).ask(`/v1/jobs/${id}/events`, 200, { signal: closing.signal });
    };
    // Twice as many as all APIs together take.
    const stop = repeat(500, () => Promise.allSettled(Array.from({ length: 4 * limits.eventStreams }, follow)));
    return async () => {
      closing.abort();
      await stop();
    };
  },
};

export const uploadsFull: Scenario = {
  faults: ['uploads-full'],
  title: 'More uploads at the same time than may be',
  alerts: [{ alert: 'TintypeUploadsRefused' }],
  begin: async (watched) => repeat(500, () => Promise.all(Array.from({ length: 4 * limits.uploads }, () => slowUpload(watched)))),
};

/** An upload that comes to nothing, for a second. */
async function slowUpload({ site }: { readonly site: { readonly apis: { readonly url: string } } }): Promise<void> {
  const { hostname, port } = new URL(site.apis.url);
  const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '100000' };
  const upload = request({ hostname, port, path: '/v1/uploads', method: 'POST', headers });
  upload.on('error', () => undefined);
  upload.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n');
  await sleep(1_000);
  upload.destroy();
}
