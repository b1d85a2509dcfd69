import type { DataSource } from 'typeorm';
import type { Job } from './job.entity.js';
import { jobFromRow, selectJob, type JobRow } from './job-rows.js';
import { JobOutput } from './job-output.entity.js';
import { prepared } from './prepared.js';
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
  /** Jobs that could begin now. */
  readonly queued: number;
  readonly running: number;
  /** How long the oldest of the queued ones has been waiting; 0 without any. */
  readonly oldestSeconds: number;
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
    limit,
    after,
  }: {
    status?: Status | undefined;
    limit: number;
    after?: JobPosition | undefined;
  }): Promise<JobPage> {
    const rows = await this.dataSource.query<JobRow[]>(listJobs, [
      status ?? null,
      after?.createdAt ?? null,
      after?.id ?? null,
      limit + 1,
    ]);
    const jobs = rows.slice(0, limit).map((row) => jobFromRow(this.dataSource, row));
    const last = jobs.at(-1);
    return rows.length > limit && last ? { jobs, next: { createdAt: last.createdAt, id: last.id } } : { jobs };
  }

  /** Which of these jobs have finished. */
  async finished(ids: readonly string[]): Promise<Set<string>> {
    const rows = await finishedJobs(this.dataSource, [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  async output(jobId: string, name: string): Promise<JobOutput | undefined> {
    return (await this.dataSource.getRepository(JobOutput).findOneBy({ jobId, name })) ?? undefined;
  }

  /** How much there is to do. */
  async backlog(): Promise<Backlog> {
    const [row] = await this.dataSource.query<Backlog[]>(backlog);
    return row ?? { queued: 0, running: 0, oldestSeconds: 0 };
  }
}

const findJob = prepared<JobRow>('find_job', `${selectJob('job')} where job.id = $1`);

const finishedJobs = prepared<{ id: string }>(
  'finished_jobs',
  'select id from job where id = any($1) and finished_at is not null',
);

// Not prepared by name: planned with the values at hand, conditions that are null vanish and an index fits.
const listJobs = `${selectJob('job')}
  where ($1::text is null or job.status = $1) and ($2::timestamptz is null or (job.created_at, job.id) < ($2, $3::uuid))
  order by job.created_at desc, job.id desc
  limit $4`;

const backlog = `select
    count(*) filter (where status = 'queued')::int as queued,
    count(*) filter (where status = 'running')::int as running,
    coalesce(extract(epoch from now() - min(run_at) filter (where status = 'queued')), 0)::float8 as "oldestSeconds"
  from job
  where (status = 'queued' and run_at <= now()) or status = 'running'`;
