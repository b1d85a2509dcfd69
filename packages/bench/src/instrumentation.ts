import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Change, checkoutWith, prepareCheckouts } from '@tintype/faults';
import type { StoredFile } from '@tintype/jobs';
import type { Benchmark } from './benchmark.js';
import { benchDirectory } from './paths.js';
import { picture } from './pictures.js';
import { alternate, rate, ratioWithRange } from './rounds.js';
import { backends, concurrency, Stack } from './stack.js';
import { works } from './work.js';

const directory = join(benchDirectory, 'instrumentation');

/** A worker that measures nothing: what it counts into does nothing, and nothing watches its process. */
const unmeasured: readonly Change[] = [
  {
    file: 'packages/platform/dist/metrics/providers.js',
    text: 'return created;',
    by: 'return Object.assign(created, { inc() {}, dec() {}, set() {}, observe() {} });',
  },
  { file: 'packages/platform/dist/metrics/metrics-module.js', text: 'collectRuntimeMetrics();', by: '' },
];

const batch = 400;

export const instrumentation: Benchmark = {
  name: 'instrumentation',
  title: 'What measuring costs',
  how: `A worker as it is, against the same program in which metrics do nothing when they are counted up, set or observed, and nothing watches the
event loop and the garbage collector. Two whole installations stand side by side, and do ${batch} jobs in turn: small ones, as a job costs the same few dozen
calls however large its picture is. The rate is taken between two finishes, as above.`,
  columns: ['source', 'job', 'unmeasured, jobs/s', 'measured, jobs/s', 'ratio', 'goal'],
  async *rows({ quick, rounds, progress }) {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    const checkouts = join(directory, 'checkouts');
    await prepareCheckouts(checkouts);
    const bare = await checkoutWith(unmeasured, checkouts);
    const [measured, without] = await Promise.all([Installation.open('measured'), Installation.open('unmeasured', bare)]);
    try {
      const jobs = quick ? 10 : batch;
      const result = await alternate({
        rounds: quick ? 1 : 6 * rounds,
        ours: () => measured.rate(jobs),
        theirs: () => without.rate(jobs),
        progress,
      });
      yield ['64×48 PNG', 'resize to 32 as WebP', rate(result.theirs), rate(result.ours), ratioWithRange(result), '≥ 0.99'];
    } finally {
      await Promise.all([measured.close(), without.close()]);
      await rm(directory, { recursive: true, force: true });
    }
  },
};

/** A worker with all that it needs, and warm. */
class Installation {
  private constructor(
    private readonly stack: Stack,
    private readonly file: StoredFile,
  ) {}

  static async open(name: string, checkout?: string): Promise<Installation> {
    const stack = await Stack.open(backends.at(-1) ?? 'postgres', join(directory, name));
    const installation = new Installation(stack, await stack.store(await picture('tiny.png')));
    await stack.worker(checkout);
    // Jobs are to wait until all of them are there.
    await stack.dataSource.query(`alter table job alter column run_at set default now() + interval '1 day'`);
    await installation.rate(10 * concurrency);
    return installation;
  }

  /** Jobs a second, without the first and the last few. */
  async rate(measured: number): Promise<number> {
    const { dataSource, intake } = this.stack;
    const [before, after] = [2 * concurrency, concurrency];
    const outputs = works.thumbnail.map(({ output }) => output);
    const ids: string[] = [];
    for (let job = 0; job < before + measured + after; job += 1) {
      ids.push((await intake.create({ source: this.file, outputs })).id);
    }
    await dataSource.query(`update job set run_at = now() where id = any($1)`, [ids]);
    await this.stack.untilFinished(ids);
    const rows = await dataSource.query<{ seconds: number }[]>(
      'select extract(epoch from finished_at)::float8 as seconds from job where id = any($1) order by finished_at',
      [ids],
    );
    const [first, last] = [rows[before - 1], rows[before + measured - 1]];
    if (!first || !last) throw new Error('jobs are missing');
    return measured / (last.seconds - first.seconds);
  }

  close(): Promise<void> {
    return this.stack.close();
  }
}
