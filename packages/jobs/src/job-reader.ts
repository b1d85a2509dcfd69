import type { DataSource } from 'typeorm';
import type { Job } from './job.entity.js';
import { entityFromRow, jobFromRow, selectJob, type JobRow } from './job-rows.js';
import { JobOutput } from './job-output.entity.js';
import { prepared } from './prepared.js';
import { priorities, type Priority } from './priority.js';
import { ofKind } from './statements.js';
import type { Status } from './status.js';

/** A place in the list of jobs: after this one. */
export interface JobPosition {
  readonly createdAt: Date;
  readonly id: string;
}

export interface JobPage {
  /** Newest first, with outputs and inputs. */
  readonly jobs: readonly Job[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: JobPosition;
}

export interface Backlog {
  /** All that have not begun, or wait for another attempt. */
  readonly queued: number;
  /** Those of them that could begin now. */
  readonly due: Readonly<Record<Priority, number>>;
  /** How long the oldest of these has been waiting; 0 without any. */
  readonly oldestSeconds: number;
  readonly running: number;
  /** Those of them whose lease has expired. */
  readonly overdue: number;
}

export interface JobVersion {
  /** Goes up with every change that clients can see. */
  readonly version: number;
  readonly finished: boolean;
}

export interface Load {
  /** Those that wait for another attempt included. */
  readonly queued: number;
  readonly finishedLastMinute: number;
}

export interface FoundOutput {
  readonly output: JobOutput;
  /** When the files of its job were deleted because of their age. */
  readonly expiredAt: Date | null;
}

export class JobReader {
  constructor(private readonly dataSource: DataSource) {}

  /** With outputs and inputs. */
  async find(id: string): Promise<Job | undefined> {
    const [row] = await findJob(this.dataSource, [id]);
    return row && jobFromRow(this.dataSource, row);
  }

  async list({
    status,
    batchId,
    limit,
    after,
  }: {
    status?: Status | undefined;
    /** Only jobs of this batch. */
    batchId?: string | undefined;
    limit: number;
    after?: JobPosition | undefined;
  }): Promise<JobPage> {
    const values = [status ?? null, after?.createdAt ?? null, after?.id ?? null, limit + 1];
    const rows =
      batchId === undefined
        ? await this.dataSource.query<JobRow[]>(listJobs, values)
        : await this.dataSource.query<JobRow[]>(listJobsOfBatch, [...values, batchId]);
    const jobs = rows.slice(0, limit).map((row) => jobFromRow(this.dataSource, row));
    const last = jobs.at(-1);
    return rows.length > limit && last ? { jobs, next: { createdAt: last.createdAt, id: last.id } } : { jobs };
  }

  /** How far these jobs are; those that do not exist are left out. */
  async versions(ids: readonly string[]): Promise<Map<string, JobVersion>> {
    const rows = await jobVersions(this.dataSource, [ids]);
    return new Map(rows.map(({ id, ...version }) => [id, version]));
  }

  async output(jobId: string, name: string): Promise<FoundOutput | undefined> {
    const [row] = await findOutput(this.dataSource, [jobId, name]);
    return row && { output: entityFromRow(this.dataSource, JobOutput, row), expiredAt: row.results_expired_at };
  }

  /** How many jobs are queued and how many ended in the last minute, each counted up to a limit. */
  async load(limit: number): Promise<Load> {
    const [row] = await this.dataSource.query<Load[]>(countLoad, [limit]);
    return row ?? { queued: 0, finishedLastMinute: 0 };
  }

  /** How much there is to do. */
  async backlog(): Promise<Backlog> {
    const [row] = await this.dataSource.query<[Backlog]>(backlog);
    return row;
  }
}

const findJob = prepared<JobRow>('find_job', `${selectJob('job')} where job.id = $1`);

const findOutput = prepared<{ results_expired_at: Date | null }>(
  'find_output',
  `select output.*, job.results_expired_at from output join job on job.id = output.job_id
  where output.job_id = $1 and output.name = $2`,
);

const jobVersions = prepared<JobVersion & { readonly id: string }>(
  'job_versions',
  'select id, version, finished_at is not null as finished from job where id = any($1)',
);

// Not prepared by name: planned with the values at hand, conditions that are null vanish and an index fits.
const listJobs = ofKind('read', listOf('job'));

// All jobs of the batch first, which are not many: the planner would rather look through the newest of all jobs for some of it.
const listJobsOfBatch = ofKind(
  'read',
  `with batch_job as materialized (select * from job where batch_id = $5) ${listOf('batch_job')}`,
);

/** `job`: a table or common table expression. */
function listOf(job: string): string {
  return `${selectJob(job)}
  where ($1::text is null or ${job}.status = $1) and ($2::timestamptz is null or (${job}.created_at, ${job}.id) < ($2, $3::uuid))
  order by ${job}.created_at desc, ${job}.id desc
  limit $4`;
}

// No more are counted than it takes to know.
const countLoad = ofKind(
  'read',
  `select
    (select count(*)::int from (select from job where status = 'queued' limit $1) as waiting) as queued,
    (select count(*)::int from (
      select from job where finished_at > now() - interval '1 minute' and results_expired_at is null limit $1
    ) as done) as "finishedLastMinute"`,
);

const dueByPriority = Object.entries(priorities).map(
  ([name, priority]) => `'${name}', count(*) filter (where run_at <= now() and priority = ${priority})`,
);

// Of the queued ones it needs no more than what the index has of them.
const backlog = ofKind(
  'read',
  `select queued, due, "oldestSeconds", running, overdue
  from (
    select
      count(*)::int as queued,
      json_build_object(${dueByPriority.join(', ')}) as due,
      coalesce(extract(epoch from now() - min(run_at) filter (where run_at <= now())), 0)::float8 as "oldestSeconds"
    from job where status = 'queued'
  ) as waiting, (
    select count(*)::int as running, count(*) filter (where lease_expires_at < now())::int as overdue
    from job where status = 'running'
  ) as held`,
);
