/** Figures stay right however many pods there are, and while they come and go. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dashboardFiles, panelQueries } from '@tintype/monitoring';
import { eventually, samples } from '@tintype/testing';
import { kubectl, namespace, settled } from './cluster.js';
import { Load } from './load.js';
import { query, scraped, scrapeIntervalSeconds, valuesBetween } from './prometheus.js';
import { ingress } from './site.js';
import { type JobRequest, Tintype } from './tintype.js';

const replicas = 2;
const limitMs = 400_000;
/** For Prometheus to learn of pods that are new or gone, and to have scraped them. */
const noticed = { timeoutMs: 120_000, everyMs: 2_000 };

const tintype = new Tintype(ingress());
const picture = await samples.icon(32);
const request: JobRequest = { outputs: [{ name: 'small', operations: [{ operation: 'resize', width: 16 }] }] };
const workers = `namespace="${namespace}",job="tintype-worker"`;
const apis = `namespace="${namespace}",job="tintype-api"`;
let began: number;

beforeAll(async () => {
  await Promise.all([settled('api', replicas), settled('worker', replicas)]);
  began = await valueOf('time()');
});

afterAll(async () => {
  await Promise.all([scale('api', replicas), scale('worker', replicas)]);
  tintype.site.close();
}, limitMs);

test.each([3, 1])(
  '%d workers have the capacity of so many, and count each output once',
  async (count) => {
    const pods = await scale('worker', count);
    await eventually(async () => {
      expect(await podsIn(`worker_concurrency{${workers}}`)).toEqual(pods);
      const each = await query(`worker_concurrency{${workers}}`);
      expect(await valueOf(`sum(worker_concurrency{${workers}})`)).toBe(count * (each[0]?.value ?? 0));
      return true;
    }, noticed);

    await scraped(pods);
    const before = await valueOf(`sum(worker_jobs_processed_total{${workers}})`);
    const jobs = await Promise.all(Array.from({ length: 20 }, () => tintype.submit(picture, request)));
    await Promise.all(jobs.map((job) => tintype.finished(job)));
    await scraped(pods);
    expect((await valueOf(`sum(worker_jobs_processed_total{${workers}})`)) - before).toBe(20);
  },
  limitMs,
);

test(
  'over a rolling restart of the workers their counters miss no more than nobody could scrape, and count nothing twice',
  async () => {
    const before = await scale('worker', replicas);
    await scraped(before);
    const start = await valueOf('time()');
    const had = await valueOf(`sum(worker_jobs_processed_total{${workers}})`);

    const { accepted, completed } = await Load.during(async () => {
      await sleep(40_000);
      await kubectl('rollout', 'restart', 'deployment/tintype-worker', '-n', namespace);
      await kubectl('rollout', 'status', 'deployment/tintype-worker', '-n', namespace, '--timeout=180s');
      await sleep(40_000);
    });
    const after = (await settled('worker', replicas)).map(({ metadata }) => metadata.name);
    expect(after.filter((pod) => before.includes(pod))).toEqual([]);
    expect(completed).toBe(accepted);
    await scraped(after);

    const seconds = Math.ceil((await valueOf('time()')) - start);
    // Each job of the load has two actions; one more came before it, to compare with.
    const sent = 2 * (accepted + 1);
    // What a pod counts between its last scrape and its end nobody sees; all of them together, at most what is done in one interval.
    const unseen = (sent / seconds) * scrapeIntervalSeconds;
    const counted = (await valueOf(`sum(last_over_time(worker_jobs_processed_total{${workers}}[${seconds}s]))`)) - had;
    expect(counted).toBeLessThanOrEqual(sent);
    expect(counted).toBeGreaterThanOrEqual(sent - unseen);
    // Before the first scrape of a pod increase() sees nothing either, and it takes for granted that things go on as between scrapes.
    const increased = await valueOf(`sum(increase(worker_jobs_processed_total{${workers}}[${seconds}s]))`);
    expect(Math.abs(increased - sent)).toBeLessThanOrEqual(2 * unseen);
  },
  limitMs,
);

test(
  'without workers their series vanish, the alert is on its way, and what waits is told once, however many pods of the API tell it',
  async () => {
    await Promise.all([scale('worker', 0), scale('api', 3)]);
    const jobs = await Promise.all(Array.from({ length: 4 }, () => tintype.submit(picture, request)));

    await eventually(async () => {
      expect(await query(`{__name__=~"worker_.+",${workers}}`)).toEqual([]);
      expect(await query(`up{${workers}}`)).toEqual([]);
      const told = await query(`jobs_unfinished{${apis},status="queued"}`);
      expect(told.map(({ value }) => value)).toEqual([4, 4, 4]);
      expect(await valueOf(`service:jobs_queued:max{namespace="${namespace}"}`)).toBe(4);
      const shown = (await Promise.all(depthQueries().map(query))).flat();
      expect(Math.max(...shown.map(({ value }) => value))).toBe(4);
      const [alert] = await query(`ALERTS{alertname="TintypeNoWorkers",namespace="${namespace}"}`);
      expect(alert?.metric['alertstate']).toMatch(/^(pending|firing)$/);
      return true;
    }, noticed);

    await Promise.all([scale('worker', replicas), scale('api', replicas)]);
    const ended = await Promise.all(jobs.map((job) => tintype.finished(job)));
    expect(ended.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed', 'completed']);
    await eventually(async () => {
      expect(await query(`ALERTS{alertname="TintypeNoWorkers",namespace="${namespace}"}`)).toEqual([]);
      return true;
    }, noticed);
  },
  limitMs,
);

test(
  'in all that time no panel showed a number that cannot be',
  async () => {
    const ended = await valueOf('time()');
    const wrong: string[] = [];
    for (const { panel, expr, mayBeEmpty } of allPanelQueries()) {
      const values = await valuesBetween(expr, began, ended);
      // A budget may be overspent.
      if (values.some((value) => value < 0) && !expr.includes('budget_remaining')) wrong.push(`below 0: ${panel}: ${expr}`);
      if (values.some(Number.isNaN) && !mayBeEmpty) wrong.push(`not a number: ${panel}: ${expr}`);
    }
    expect(wrong).toEqual([]);
  },
  limitMs,
);

function allPanelQueries() {
  return Object.values(dashboardFiles()).flatMap((json) =>
    panelQueries(JSON.parse(json) as Parameters<typeof panelQueries>[0], { namespace, rateInterval: '1m', range: '15m' }),
  );
}

/** The queries of panels that show how many jobs there are. */
function depthQueries(): string[] {
  const queries = allPanelQueries().map(({ expr }) => expr);
  const depths = queries.filter((expr) => /^max( by \([^)]*\) )?\(jobs_unfinished\{[^}]*\}\)$/.test(expr));
  expect(depths).not.toEqual([]);
  return depths;
}

async function scale(component: 'api' | 'worker', to: number): Promise<string[]> {
  await kubectl('scale', `deployment/tintype-${component}`, '-n', namespace, `--replicas=${to}`);
  return (await settled(component, to)).map(({ metadata }) => metadata.name).toSorted();
}

async function podsIn(expression: string): Promise<string[]> {
  return (await query(expression)).map(({ metric }) => metric['pod'] ?? '').toSorted();
}

/** Of what has only one. */
async function valueOf(expression: string): Promise<number> {
  const [sample, ...others] = await query(expression);
  if (!sample || others.length > 0) throw new Error(`${expression} has ${sample ? others.length + 1 : 'no'} values`);
  return sample.value;
}
