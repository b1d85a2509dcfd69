/** What can happen to the API, and what its clients can do to it. */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, samples } from '@tintype/testing';
import { diesWhileCreating, pointsOfCreation } from '../changes/code-points.js';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { Client } from '../site/client.js';
import { quickRecipes } from '../site/recipes.js';
import type { Service } from '../site/service.js';
import type { Site } from '../site/site.js';
import type { Report } from '../violation.js';

/** F10: an API dies between storing an image, the commit, telling the workers, and the answer. */
export async function diesWhileAccepting({
  deaths,
  ...options
}: ScenarioOptions & { /** At each point. */ readonly deaths: number }): Promise<Report> {
  return onSite(
    { workers: 1, ...options, apis: 0, changes: [...diesWhileCreating, ...(options.changes ?? [])] },
    async (site) => {
      const { apis, client, facts } = site;
      await Promise.all(pointsOfCreation.map((point) => apis.start(1, { DIES_AT: point })));
      const recipes = await quickRecipes();
      const killed = (place: number): number =>
        apis.all.filter(({ name, ended }) => name === `api ${place}` && ended?.signal === 'SIGKILL').length;
      while (pointsOfCreation.some((_, index) => killed(index + 1) < deaths)) await client.submitAll(recipes, 6, { many: 3 });
      for (const [index, point] of pointsOfCreation.entries()) facts[`died when ${point}`] = killed(index + 1);
      facts['requests repeated'] = client.answers.length - client.accepted.size;
      await apis.settled();
    },
  );
}

/** F11: clients go away in the middle of an upload. */
export async function abortedUploads({ times, ...options }: ScenarioOptions & { readonly times: number }): Promise<Report> {
  return onSite({ workers: 1, ...options }, async (site) => {
    const [api] = site.apis.services;
    if (!api) throw new Error('there is no API');
    const photo = await samples.photo(1_600, 1_200);
    await abort(api, photo, 0.5);
    const before = await openFiles(api);
    for (let time = 0; time < times; time++) await abort(api, photo, [0.01, 0.5, 0.99][time % 3] ?? 0);

    await eventually(async () => (await openFiles(api)) <= before, { timeoutMs: 5_000 }).catch(() => undefined);
    const after = await openFiles(api);
    site.check(after <= before, 'F11', `${after - before} files and connections are left open`);
    const files = await site.store.keys();
    site.check(files.size === 0, 'F11', `${files.size} images are left`);
    const jobs = await site.value<number>('select count(*)::int from job');
    site.check(jobs === 0, 'F11', `${jobs} jobs were made of half an image`);
    site.facts['uploads aborted'] = times;
    await site.client.submitAll(await quickRecipes(), 3);
  });
}

/** Sends that part of a form, and hangs up. */
async function abort({ url }: Service, photo: Buffer, part: number): Promise<void> {
  const boundary = 'half';
  const head = (disposition: string): string => `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(`${head('name="action"')}grayscale\r\n${head('name="file"; filename="a.jpg"')}`),
    photo,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `POST /v1/jobs HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.write(body.subarray(0, Math.floor(body.length * part)), resolve));
  await sleep(20);
  socket.destroy();
}

async function openFiles({ pid }: Service): Promise<number> {
  // Where there is no /proc nothing is counted.
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
}

/** F17: APIs are replaced one after the other under clients that keep their connections, behind a balancer that learns of it late. */
export async function rollingRestart({
  restarts,
  clients = 24,
  ...options
}: ScenarioOptions & { readonly restarts: number; readonly clients?: number }): Promise<Report> {
  return onSite({ workers: 1, ...options, apis: 2, apiEnv: { DRAIN_DELAY_SECONDS: '4', ...options.apiEnv } }, async (site) => {
    const { apis } = site;
    const over = new AbortController();
    let ready: readonly Service[] = apis.services;
    const balancer = (async () => {
      for (; !over.signal.aborted; await sleep(500)) ready = await readyOnes(apis.services);
    })();
    const client = new Client(() => site.random.oneOf(ready)?.url ?? '');
    const [recipe] = await quickRecipes();
    if (!recipe) throw new Error('there are no recipes');
    const { id } = (await site.client.submit(recipe)) ?? {};

    const answers: number[] = [];
    const asking = Array.from({ length: clients }, async () => {
      for (; !over.signal.aborted; await sleep(50)) answers.push((await client.request(`/v1/jobs/${id}`)).status);
    });
    for (let restart = 0; restart < restarts; restart++) {
      const api = apis.services[restart % 2];
      await api?.stop('SIGTERM');
      await apis.settled();
      await eventually(() => ready.length === 2);
    }
    over.abort();
    await Promise.all([balancer, ...asking]);
    const failed = answers.filter((status) => status !== 200).length;
    site.check(failed === 0, 'F17', `${failed} of ${answers.length} requests failed`);
    site.facts['requests'] = answers.length;
    site.facts['restarts'] = restarts;
  });
}

async function readyOnes(services: readonly Service[]): Promise<Service[]> {
  const answers = await Promise.all(
    services.map(async (service) => {
      const response = await fetch(`${service.url}/readyz`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.ok ? [service] : [];
    }),
  );
  return answers.flat();
}

/** F21: many clients send the same request at the same time. */
export async function oneKey({
  rounds,
  clients = 50,
  ...options
}: ScenarioOptions & { readonly rounds: number; readonly clients?: number }): Promise<Report> {
  return onSite({ apis: 2, workers: 1, ...options }, async (site) => {
    const { client } = site;
    const recipes = await quickRecipes();
    for (let round = 0; round < rounds; round++) {
      const key = randomUUID();
      const recipe = site.random.oneOf(recipes);
      if (recipe) await Promise.all(Array.from({ length: clients }, () => client.submit(recipe, { key })));
    }
    await expectJobs(site, rounds);
    site.facts['requests'] = client.answers.length;
  });
}

async function expectJobs(site: Site, wanted: number): Promise<void> {
  const jobs = await site.value<number>('select count(*)::int from job');
  site.check(jobs === wanted, 'F21', `${jobs} jobs for ${wanted} keys`);
}
