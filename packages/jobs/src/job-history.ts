/** What has become of a job, step by step. */
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { JobErrorCode } from './error-codes.js';
import { GatheredCalls } from './gathered-calls.js';
import { errorOf, OutputError, Time } from './job-document.js';
import type { Job } from './job.entity.js';
import { jobFromRow, selectJob, type JobRow } from './job-rows.js';
import { prepared } from './prepared.js';
import { statuses, type Status } from './status.js';

export const JobTransition = z
  .strictObject({
    version: z
      .int()
      .meta({ description: 'Goes up with every visible change of the job, so between two of these others may lie' }),
    status: z.enum(statuses),
    at: Time,
    attempt: z.int().meta({ description: 'The number of the current or last attempt; 0 before the first' }),
    error: OutputError.nullable().meta({ description: 'Why it failed, or why the attempt before is repeated' }),
  })
  .meta({ id: 'JobTransition', description: 'A change of status; the first one is that the job was created' });
export type JobTransition = z.infer<typeof JobTransition>;

/** All of it is of the same moment. */
export interface JobNews {
  /** With outputs and inputs. */
  readonly job: Job;
  /** In their order. */
  readonly transitions: readonly JobTransition[];
}

export class JobHistory {
  readonly #reads: GatheredCalls<Asked, JobNews | undefined>;

  constructor(dataSource: DataSource) {
    this.#reads = new GatheredCalls((asked) => readNews(dataSource, asked));
  }

  /** The transitions of a job since that version, in their order; undefined where there is no such job. */
  async find(jobId: string, afterVersion = 0): Promise<readonly JobTransition[] | undefined> {
    return (await this.news(jobId, afterVersion))?.transitions;
  }

  /** The job as it is now and its transitions since that version; undefined where there is no such job. */
  news(jobId: string, afterVersion: number): Promise<JobNews | undefined> {
    return this.#reads.run({ jobId, afterVersion });
  }
}

interface Asked {
  readonly jobId: string;
  readonly afterVersion: number;
}

type NewsRow = JobRow & { readonly transitions: readonly TransitionRow[] };

interface TransitionRow {
  readonly version: number;
  readonly status: Status;
  readonly at: string;
  readonly attempt: number;
  readonly error_code: JobErrorCode | null;
  readonly error_detail: string | null;
}

async function readNews(dataSource: DataSource, asked: readonly Asked[]): Promise<(JobNews | undefined)[]> {
  const rows = await jobNews(dataSource, [asked.map(({ jobId }) => jobId), asked.map(({ afterVersion }) => afterVersion)]);
  return rows.map((row) =>
    row['id'] ? { job: jobFromRow(dataSource, row), transitions: row.transitions.map(transitionFromRow) } : undefined,
  );
}

function transitionFromRow({ version, status, at, attempt, error_code, error_detail }: TransitionRow): JobTransition {
  const error = error_code && errorOf(error_code, error_detail);
  return { version, status, at: new Date(at).toISOString(), attempt, error };
}

// One statement, so that a job is never older than the last of its transitions. That it was created has no row of its own.
const jobNews = prepared<NewsRow>(
  'job_news',
  `select job.*, coalesce((
    select json_agg(transition order by version) from (
      select 1 as version, 'queued' as status, job.created_at as at, 0 as attempt, null as error_code, null as error_detail
      where asked.after < 1
      union all
      select version, status, at, attempt, error_code, error_detail from job_event
      where job_id = job.id and version > asked.after
    ) as transition
  ), '[]') as transitions
  from unnest($1::uuid[], $2::integer[]) with ordinality as asked (id, after, position)
  left join (${selectJob('job')}) as job on job.id = asked.id
  order by asked.position`,
);
