/** F25: a long time at a good part of what the machine can do. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { onSite, type ScenarioOptions } from '../scenario.js';
import { quickRecipes } from '../site/recipes.js';
import type { Service } from '../site/service.js';
import type { Site } from '../site/site.js';
import type { Report } from '../violation.js';

interface Sample {
  readonly minutes: number;
  readonly megabytes: number;
  readonly files: number;
}

/** A pause of the machine, which says nothing of the service. */
const slackMs = 100;
/** Files and connections that may be open at one time and not at another. */
const filesTolerance = 15;

export async function soak({
  seconds,
  warmUpSeconds,
  mostMegabytesPerMinute,
  steady,
  ...options
}: ScenarioOptions & {
  readonly seconds: number;
  /** Not counted: caches fill, and code is compiled. */
  readonly warmUpSeconds: number;
  readonly mostMegabytesPerMinute: number;
  /** The part of the answers that must not take longer in the second half than in the first. */
  readonly steady: number;
}): Promise<Report> {
  return onSite(options, async (site) => {
    const { client, facts } = site;
    const recipes = await quickRecipes();
    const perSecond = (await capacity(site)) * 0.7;
    facts['jobs per second'] = Math.round(perSecond);
    const began = performance.now();
    const submitting = client.submitAll(recipes, Math.round(perSecond * seconds), { everyMs: 1_000 / perSecond });

    const services = [...site.apis.services, ...site.workers.services];
    const samples = new Map<Service, Sample[]>(services.map((service) => [service, []]));
    await sleep(warmUpSeconds * 1_000);
    const counted = client.answers.length;
    for (; performance.now() - began < seconds * 1_000; await sleep(1_000)) {
      for (const [service, taken] of samples) taken.push(await sampleOf(service, (performance.now() - began) / 60_000));
    }
    await submitting;
    const answers = client.answers.slice(counted).map(({ ms }) => ms);
    const halves = [answers.slice(0, answers.length / 2), answers.slice(answers.length / 2)];
    const [first, second] = halves.map((half) => quantile(half, steady));
    facts[`p${steady * 100} of answers, first and second half, ms`] = `${first} ${second}`;
    site.check(
      (second ?? 0) < 2 * (first ?? 0) + slackMs,
      'F25',
      `answers become slower: of ${steady * 100} % they took ${first} ms, and take ${second} ms`,
    );

    for (const [{ name }, taken] of samples) {
      const growth = slope(taken);
      facts[`${name}, MB/min`] = Math.round(growth * 10) / 10;
      site.check(growth < mostMegabytesPerMinute, 'F25', `${name} grows by ${growth.toFixed(1)} MB a minute`);
      const files = taken.map((sample) => sample.files);
      const more = (files.at(-1) ?? 0) - (files[0] ?? 0);
      site.check(more <= filesTolerance, 'F25', `${name} has ${more} more files open at the end than at the beginning`);
    }
  });
}

/** Jobs in a second, when as many come as can be done. */
async function capacity(site: Site): Promise<number> {
  const jobs = 150;
  const began = performance.now();
  await site.client.submitAll(await quickRecipes(), jobs, { many: 16 });
  await site.untilEnded();
  return (jobs * 1_000) / (performance.now() - began);
}

async function sampleOf({ pid }: Service, minutes: number): Promise<Sample> {
  const [status, files] = await Promise.all([readFile(`/proc/${pid}/status`, 'utf8'), readdir(`/proc/${pid}/fd`)]);
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  return { minutes, megabytes: kilobytes / 1024, files: files.length };
}

/** Of the line that fits best, in megabytes a minute. */
function slope(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [time, memory] = [mean(samples.map(({ minutes }) => minutes)), mean(samples.map(({ megabytes }) => megabytes))];
  const covariance = samples.reduce((sum, { minutes, megabytes }) => sum + (minutes - time) * (megabytes - memory), 0);
  const variance = samples.reduce((sum, { minutes }) => sum + (minutes - time) ** 2, 0);
  return covariance / variance;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length * part)] ?? 0);
}
