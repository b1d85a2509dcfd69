/**
 * Everything that can happen to a few jobs, in random order; after each step the database must be what a model of it says.
 * MODEL_SEQUENCES: how many such orders to try. MODEL_SEED: the seed that a failure has named, to try the same ones again.
 */
import * as fc from 'fast-check';
import { JobModel } from './spec/job-model.js';
import { jobSteps } from './spec/job-steps.js';
import { ModelledJobs } from './spec/modelled-jobs.js';

let jobs: ModelledJobs;
beforeAll(async () => {
  jobs = await ModelledJobs.open();
});
afterAll(() => jobs.close());

const sequences = Number(process.env['MODEL_SEQUENCES'] ?? 100);
const seed = process.env['MODEL_SEED'];

test(
  'whatever happens to jobs, in whatever order, the database does what the model says',
  async () => {
    const seen = new Set<string>();
    const property = fc.asyncProperty(jobSteps, async (steps) => {
      const model = new JobModel();
      await jobs.clear();
      await fc.asyncModelRun(() => ({ model, real: jobs }), steps);
      for (const edge of model.jobs.flatMap(({ history }) => edgesOf(history.map(({ status }) => status)))) seen.add(edge);
    });
    await fc.assert(property, { numRuns: sequences, includeErrorInReport: true, ...(seed && { seed: Number(seed) }) });

    expect([...seen].toSorted()).toEqual([
      'failed → queued',
      'queued → canceled',
      'queued → running',
      'running → canceled',
      'running → completed',
      'running → failed',
      'running → queued',
    ]);
  },
  60_000 + sequences * 1_000,
);

function edgesOf(statuses: readonly string[]): string[] {
  return statuses.map((status, index) => `${statuses[index - 1] ?? 'queued'} → ${status}`);
}
