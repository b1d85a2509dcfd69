/** `worker_jobs_processed_total` as Prometheus has it grows by what was sent, and by nothing else. */
import { samples } from '@tintype/testing';
import { podsOf } from './cluster.js';
import { query, scraped } from './prometheus.js';
import { ingress } from './site.js';
import { type JobRequest, Tintype } from './tintype.js';

const tintype = new Tintype(ingress());
afterAll(() => tintype.site.close());

const resize = { operation: 'resize', width: 40 };
const sharpen = { operation: 'sharpen' };
const three: JobRequest = {
  outputs: [
    { name: 'small', operations: [resize, sharpen, resize] },
    { name: 'gray', operations: [{ operation: 'grayscale' }] },
    { name: 'same', format: 'png', operations: [] },
  ],
};

test('the counters of every action and status grow by exactly what was sent, failures included', async () => {
  const pods = (await podsOf('worker')).map(({ metadata }) => metadata.name);
  await scraped(pods);
  const before = await processed(pods);

  const photo = await samples.photo(160, 120);
  const broken = await samples.truncatedJpeg();
  const jobs = await Promise.all([
    ...Array.from({ length: 7 }, () => tintype.submit(photo, three)),
    ...Array.from({ length: 3 }, () => tintype.submit(broken, { outputs: [{ name: 'a', operations: [resize, sharpen] }] })),
    // The output of one failed, and the other's is there.
    tintype.submit(photo, {
      outputs: [
        { name: 'outside', operations: [{ operation: 'crop', left: 500, top: 0, width: 10, height: 10 }] },
        { name: 'upside-down', operations: [{ operation: 'flip' }] },
      ],
    }),
  ]);
  const ended = await Promise.all(jobs.map((job) => tintype.finished(job)));
  expect(ended.map(({ status }) => status)).toEqual([...Array<string>(7).fill('completed'), ...Array<string>(4).fill('failed')]);

  await scraped(pods);
  expect(increase(before, await processed(pods))).toEqual({
    'resize completed': 7,
    'sharpen completed': 7,
    'grayscale completed': 7,
    'convert completed': 7,
    'resize failed': 3,
    'sharpen failed': 3,
    'crop failed': 1,
    'flip completed': 1,
  });
});

/** By action and status, over all pods. */
async function processed(pods: readonly string[]): Promise<Map<string, number>> {
  const series = await query(`sum by (action, status) (worker_jobs_processed_total{pod=~"${pods.join('|')}"})`);
  return new Map(series.map(({ metric, value }) => [`${metric['action']} ${metric['status']}`, value]));
}

function increase(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Record<string, number> {
  const grown = [...after].map(([key, value]) => [key, value - (before.get(key) ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, by]) => by !== 0));
}
