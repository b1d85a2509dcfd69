/**
 * How statements find their rows when there are many of them: by the indexes that are meant for it, and without reading much else.
 * PLAN_JOBS: how many finished jobs there are; a million take about a minute to insert.
 */
import { v7 as uuidv7 } from 'uuid';
import type { ExecutedPlan } from './spec/executed-plans.js';
import { claimOptions, newJob, storedFile } from './spec/job-database.js';
import { ManyJobs, resultsOf, type HowMany } from './spec/many-jobs.js';

const howMany: HowMany = { finished: Number(process.env['PLAN_JOBS'] ?? 100_000), queued: 10_000, running: 1_000 };
/** Seconds: only jobs of the first hours are older. */
const oldest = 29.8 * 86_400;
/** After five runs PostgreSQL may go on with a plan that is not made for the values at hand. */
const runs = 7;

let many: ManyJobs;
beforeAll(async () => {
  many = await ManyJobs.open(howMany);
}, 600_000);
afterAll(() => many.close());

interface Case {
  /** That its statements, with their triggers, may use. */
  readonly indexes: readonly string[];
  /** The most of 8 kB that one of them may read. */
  readonly blocks: number;
  /** Gives what is looked at. */
  readonly prepare: () => Promise<() => Promise<unknown>>;
}
const cases: [string, Case][] = [];

function finds(what: string, indexes: string, blocks: number, prepare: Case['prepare']): void {
  cases.push([what, { indexes: indexes.split(' '), blocks, prepare }]);
}

const job = 'job_pkey output_pkey input_pkey';
const held = 'job_lease_idx job_pkey';
/** With what the triggers of an end do. */
const end = `${held} output_pkey webhook_endpoint_list_idx webhook_endpoint_pkey`;
const take = `${held} job_due_idx ${job}`;
const create = 'job_pkey output_pkey upload_pkey idempotency_key_pkey batch_pkey';
const remove = 'job_event_pkey webhook_delivery_job_idx webhook_attempt_pkey idempotency_key_job_idx';
const list = 'output_pkey input_pkey';
const removeBatch = 'job_batch_idx webhook_delivery_batch_idx webhook_delivery_due_idx idempotency_key_batch_idx';
const usesOfEndpoint = 'webhook_delivery_endpoint_idx batch_webhook_endpoint_idx job_webhook_endpoint_idx';
const deliveries = 'webhook_delivery_pkey webhook_endpoint_pkey';

finds('a job of a file is created', create, 100, async () => () => many.jobs.intake.create(newJob()));
finds('a job of an upload is created', create, 100, async () => {
  const { id } = await many.jobs.uploads.create({ id: uuidv7(), ...storedFile() });
  return () => many.jobs.intake.create(newJob({ source: { upload_id: id } }));
});
finds('a job of an output is created', create, 100, async () => {
  const { id: job_id } = await many.completed();
  return () => many.jobs.intake.create(newJob({ source: { job_id, output: 'small' } }));
});
finds('an idempotency key is taken', create, 100, async () => () => many.keys.begin('jobs', uuidv7(), 60));
finds('a job with an idempotency key is created', create, 100, async () => {
  const begun = await many.keys.begin('jobs', uuidv7(), 60);
  if (begun.state !== 'held') throw new Error('not held');
  return () => many.jobs.intake.create(newJob({ idempotency: { ...begun.held, fingerprint: 'f' } }));
});

finds('four jobs are claimed', take, 200, async () => () => many.jobs.leases.claim(4, claimOptions()));
finds('a job is completed and the next claimed', `${end} ${take}`, 100, async () => {
  const claimed = await many.claimed();
  return () => many.jobs.leases.complete(claimed.id, claimed.leaseToken, resultsOf(claimed), claimOptions());
});
finds('a lease is extended, with news', held, 20, async () => {
  const { id, leaseToken } = await many.claimed();
  return () => many.jobs.leases.extend(id, leaseToken, 30, { stage: 'store', outputsDone: 1 });
});
finds('a source has been fetched', `${held} input_pkey`, 100, async () => {
  const { id, leaseToken } = await many.claimed();
  return () => many.jobs.leases.sourceFetched(id, leaseToken, storedFile());
});
finds('an attempt fails', end, 100, async () => {
  const { id, leaseToken } = await many.claimed();
  return () => many.jobs.leases.fail(id, leaseToken, { code: 'corrupt_image' });
});
finds('an attempt is to be repeated', held, 100, async () => {
  const { id, leaseToken } = await many.claimed();
  return () => many.jobs.leases.retry(id, leaseToken, { code: 'processing_failed' });
});
finds('an attempt is postponed', held, 100, async () => {
  const { id, leaseToken } = await many.claimed();
  return () => many.jobs.leases.postpone(id, leaseToken, { code: 'storage_unavailable' });
});
finds('an attempt crashes', held, 100, async () => {
  const { id, leaseToken } = await many.claimed();
  return () => many.jobs.leases.crashed(id, leaseToken, { code: 'worker_crashed' });
});
finds('a job is given back', held, 100, async () => {
  const { id, leaseToken } = await many.claimed();
  return () => many.jobs.leases.release(id, leaseToken);
});
finds('expired leases are swept', held, 2 * howMany.running, async () => {
  await many.jobs.passTime(await many.claimed());
  return () => many.jobs.expired.sweep();
});
finds('the backlog is measured', 'job_due_idx job_lease_idx', 2 * howMany.queued, async () => () => many.jobs.reader.backlog());
finds('the load is measured', `${take} job_finished_idx`, 2_000, async () => () => many.jobs.reader.load(1_000));

finds('a job is read', job, 20, async () => {
  const { id } = await many.completed();
  return () => many.jobs.reader.find(id);
});
finds('the versions of jobs are read', job, 20, async () => {
  const ids = [await many.completed(), await many.canceled()].map(({ id }) => id);
  return () => many.jobs.reader.versions(ids);
});
finds('an output is read', job, 20, async () => {
  const { id } = await many.completed();
  return () => many.jobs.reader.output(id, 'small');
});
finds('a history is read', `job_event_pkey ${job}`, 50, async () => {
  const { id } = await many.completed();
  return () => many.history.find(id);
});
finds('the newest jobs are listed', `job_list_idx ${list}`, 300, async () => () => many.jobs.reader.list({ limit: 20 }));
finds('older jobs are listed', `job_list_idx ${list}`, 300, async () => {
  const after = { createdAt: new Date(Date.now() - 15 * 86_400_000), id: uuidv7() };
  return () => many.jobs.reader.list({ limit: 20, after });
});
finds('failed jobs are listed', `job_status_list_idx ${list}`, 300, async () => {
  return () => many.jobs.reader.list({ limit: 20, status: 'failed' });
});
finds('running jobs are listed', `job_lease_idx ${list}`, 2 * howMany.running, async () => {
  return () => many.jobs.reader.list({ limit: 20, status: 'running' });
});
finds('a queued job is canceled', end, 100, async () => {
  const { id } = await many.jobs.intake.create(newJob());
  return () => many.jobs.intake.cancel(id);
});
finds('a failed job is tried again', `${job} input_from_job_idx`, 50, async () => {
  const { id } = await many.failed();
  return () => many.jobs.intake.retry(id);
});
finds('a job is deleted', `${job} input_from_job_idx ${remove}`, 50, async () => {
  const { id } = await many.canceled();
  return () => many.jobs.intake.delete(id);
});

finds('a batch is created', create, 100, async () => {
  return () => many.batches.create({ jobs: [newJob(), newJob()] });
});
finds('a batch is read', 'batch_pkey job_batch_idx', 50, async () => {
  const { id } = await many.batch();
  return () => many.batches.find(id);
});
finds('the jobs of a batch are listed', `job_batch_idx ${list}`, 50, async () => {
  const { id } = await many.batch();
  return () => many.jobs.reader.list({ limit: 20, batchId: id });
});
finds('a batch is canceled', `batch_pkey job_batch_idx ${end}`, 100, async () => {
  const { id } = await many.batch();
  return () => many.batches.cancel(id);
});
finds('the failed jobs of a batch are tried again', `batch_pkey job_batch_idx input_from_job_idx ${job}`, 100, async () => {
  const { id, jobs } = await many.batch();
  for (const one of jobs) await many.failed(one);
  return () => many.batches.retryFailed(id);
});
finds('batches are listed', 'batch_list_idx job_batch_idx', 300, async () => () => many.batches.list({ limit: 20 }));

finds('deliveries are claimed', `webhook_delivery_due_idx webhook_delivery_locked_idx ${deliveries} ${job}`, 500, async () => {
  await many.completed();
  return () => many.outbox.claim(8, 0);
});
finds('an attempt to deliver is recorded', `webhook_delivery_locked_idx webhook_attempt_pkey ${deliveries}`, 500, async () => {
  await many.completed();
  const {
    claimed: [delivery],
  } = await many.outbox.claim(1, 30);
  if (!delivery) throw new Error('not claimed');
  return () => many.outbox.record(delivery, { outcome: 'delivered', durationMs: 1, statusCode: 200 });
});
finds(
  'the deliveries that wait are counted',
  `webhook_delivery_due_idx webhook_delivery_locked_idx ${deliveries}`,
  200,
  async () => {
    await many.completed();
    return () => many.outbox.backlog();
  },
);
finds('endpoints are counted', 'webhook_endpoint_list_idx', 20, async () => () => many.endpoints.count());
finds('deliveries are listed', `webhook_delivery_list_idx ${deliveries}`, 100, async () => {
  return () => many.deliveries.list({ limit: 20 });
});
finds('failed deliveries are listed', `webhook_delivery_failed_idx ${deliveries}`, 100, async () => {
  return () => many.deliveries.list({ limit: 20, status: 'failed' });
});
finds('the deliveries of a job are listed', `webhook_delivery_job_idx ${deliveries}`, 100, async () => {
  const { id: jobId } = await many.completed();
  return () => many.deliveries.list({ limit: 20, jobId });
});
finds('an endpoint that a job names is looked for', 'webhook_endpoint_of_jobs_idx', 20, async () => {
  return () => many.endpoints.findOrCreate({ url: 'https://example.net/', secret: 'whsec_c2VjcmV0' });
});

finds('results expire', `job_finished_idx input_from_job_idx ${job}`, 1_000, async () => {
  return () => many.retention.expireResults(oldest, 20);
});
finds('old jobs are deleted', `job_list_idx webhook_delivery_due_idx input_from_job_idx ${remove} ${job}`, 1_000, async () => {
  return () => many.retention.deleteJobs(oldest, 20);
});
finds('old uploads are deleted', 'upload_created_idx upload_pkey input_upload_idx job_pkey', 1_000, async () => {
  return () => many.retention.deleteUploads(oldest, 20);
});
finds('old batches are deleted', `batch_finished_idx batch_pkey job_batch_idx ${removeBatch}`, 1_000, async () => {
  return () => many.retention.deleteBatches(oldest, 20);
});
finds('old endpoints are deleted', `webhook_endpoint_created_idx webhook_endpoint_pkey ${usesOfEndpoint}`, 1_000, async () => {
  return () => many.retention.deleteEndpoints(oldest, 20);
});
finds('old deliveries are deleted', `webhook_delivery_list_idx webhook_attempt_pkey ${deliveries}`, 1_000, async () => {
  return () => many.retention.deleteDeliveries(oldest, 20);
});
finds('old idempotency keys are deleted', 'idempotency_key_created_idx idempotency_key_pkey', 100, async () => {
  await many.keys.begin('jobs', uuidv7(), -1);
  return () => many.retention.deleteIdempotencyKeys(0, 20);
});
finds('the owners of files are looked for', `upload_pkey input_own_id_idx ${job}`, 100, async () => {
  return () => many.orphans.among([`uploads/${uuidv7()}`, `uploads/${uuidv7()}-1`, `outputs/ab/${uuidv7()}-1-small`]);
});

describe(`with ${howMany.finished} finished, ${howMany.queued} queued and ${howMany.running} running jobs`, () => {
  test.each(cases)('%s', async (_, { indexes, blocks, prepare }) => {
    const executed: ExecutedPlan[] = [];
    for (let run = 0; run < runs; run += 1) executed.push(...(await many.plans.during(await prepare())));

    expect(executed).not.toEqual([]);
    expect(executed.filter(({ tables }) => tables.some((table) => table !== 'installation'))).toEqual([]);
    expect(executed.filter((plan) => plan.indexes.some((index) => !indexes.includes(index)))).toEqual([]);
    expect(executed.filter((plan) => plan.blocks > blocks)).toEqual([]);
  });
});
