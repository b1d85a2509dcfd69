/** A database with many jobs, and what a spec of query plans does to get one more into some state. */
import { Batches } from '../batches.js';
import { IdempotencyKeys } from '../idempotency-keys.js';
import { JobHistory } from '../job-history.js';
import type { AttemptResults, ClaimedJob } from '../job-leases.js';
import type { Job } from '../job.entity.js';
import { Orphans } from '../orphans.js';
import { Retention } from '../retention.js';
import { insertFinishedJobs } from '../testing/finished-jobs.js';
import { WebhookDeliveries } from '../webhooks/webhook-deliveries.js';
import { WebhookEndpoints } from '../webhooks/webhook-endpoints.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { connectExplained, ExecutedPlans } from './executed-plans.js';
import { claimOptions, image, JobDatabase, newJob, source } from './job-database.js';

export interface HowMany {
  readonly finished: number;
  readonly queued: number;
  readonly running: number;
}

export class ManyJobs {
  readonly batches: Batches;
  readonly deliveries: WebhookDeliveries;
  readonly endpoints: WebhookEndpoints;
  readonly history: JobHistory;
  readonly keys: IdempotencyKeys;
  readonly orphans: Orphans;
  readonly outbox: WebhookOutbox;
  readonly retention: Retention;

  private constructor(
    readonly jobs: JobDatabase,
    readonly plans: ExecutedPlans,
  ) {
    this.batches = new Batches(jobs.dataSource);
    this.deliveries = new WebhookDeliveries(jobs.dataSource);
    this.endpoints = new WebhookEndpoints(jobs.dataSource);
    this.history = new JobHistory(jobs.dataSource);
    this.keys = new IdempotencyKeys(jobs.dataSource);
    this.orphans = new Orphans(jobs.dataSource);
    this.outbox = new WebhookOutbox(jobs.dataSource);
    this.retention = new Retention(jobs.dataSource);
  }

  static async open({ finished, queued, running }: HowMany): Promise<ManyJobs> {
    const jobs = await JobDatabase.open(connectExplained);
    const many = new ManyJobs(jobs, await ExecutedPlans.on(jobs.dataSource));
    await many.endpoints.create({ url: 'https://example.com/hooks' });
    await insertFinishedJobs(jobs.dataSource, finished);
    await jobs.dataSource.query(insertQueuedJobs, [queued + running]);
    await jobs.dataSource.query('vacuum analyze');
    // Statistics know nothing of these: as they do after a time without work.
    await jobs.leases.claim(running, claimOptions());
    // The first to claim after that comes by all these index entries, and marks them as dead.
    await jobs.leases.claim(1, claimOptions());
    return many;
  }

  close(): Promise<void> {
    return this.jobs.close();
  }

  /** `job`: default: a new one. */
  async claimed(job?: { readonly id: string }): Promise<ClaimedJob> {
    const { id } = job ?? (await this.jobs.intake.create(newJob()));
    await this.jobs.dataSource.query(`update job set priority = 1, run_at = '-infinity' where id = $1`, [id]);
    const [claimed] = await this.jobs.leases.claim(1, claimOptions());
    if (claimed?.id !== id) throw new Error('not claimed');
    return claimed;
  }

  async completed(): Promise<Job> {
    const job = await this.claimed();
    await this.jobs.leases.complete(job.id, job.leaseToken, resultsOf(job));
    return job;
  }

  async failed(job?: { readonly id: string }): Promise<Job> {
    const claimed = await this.claimed(job);
    await this.jobs.leases.fail(claimed.id, claimed.leaseToken, { code: 'corrupt_image' });
    return claimed;
  }

  async canceled(): Promise<Job> {
    const job = await this.jobs.intake.create(newJob());
    await this.jobs.intake.cancel(job.id);
    return job;
  }

  /** Of two jobs. */
  async batch(): Promise<{ readonly id: string; readonly jobs: readonly Job[] }> {
    const { batch } = await this.batches.create({ jobs: [newJob(), newJob()] });
    const { jobs } = await this.jobs.reader.list({ limit: 2, batchId: batch.id });
    return { id: batch.id, jobs };
  }
}

export function resultsOf({ outputs }: Job): AttemptResults {
  return { source, outputs: outputs.map(({ name }) => image(name)) };
}

/** Of all priorities; every tenth has to pause. */
const insertQueuedJobs = `with queued as (
    insert into job (id, priority, run_at)
    select gen_random_uuid(), number % 3 - 1, now() + case when number % 10 = 0 then interval '1 hour' else interval '0' end
    from generate_series(1, $1) as number
    returning id
  ), queued_output as (
    insert into output (job_id, position, name, spec) select id, 0, 'small', '{}' from queued
  )
  insert into input (job_id, position, role, storage_key, sha256, bytes, format)
  select id, 0, 'source', 'uploads/' || id, repeat('0', 64), 1, 'png' from queued`;
