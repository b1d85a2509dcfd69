import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { type Job, type JobDocument, jobDocument, JobIntake, JobReader } from '@tintype/jobs';
import type { Request, Response } from 'express';
import { ClientGone } from '../http/client-gone.js';
import { noneMatch } from '../http/conditional.js';
import { KnownId } from '../http/known-id.pipe.js';
import { parsePrefer } from '../http/prefer.js';
import { problem } from '../http/problems.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';
import { BacklogLimit } from './backlog-limit.js';
import { JobCreation } from './job-creation.js';
import { type JobList, ListJobs, WaitForJob } from './job-requests.js';
import { JobWatcher } from './job-watcher.js';
import {
  CancelJobRoute,
  CreateJobRoute,
  DeleteJobRoute,
  FindJobRoute,
  JobRoutes,
  ListJobsRoute,
  RetryJobRoute,
} from './jobs.openapi.js';
import { listPage } from './list-page.js';
import { ObsoleteFiles } from './obsolete-files.js';
import { WakeSender } from './wake-sender.js';

@JobRoutes
@Controller('v1/jobs')
export class JobsController {
  constructor(
    private readonly creation: JobCreation,
    private readonly intake: JobIntake,
    private readonly reader: JobReader,
    private readonly watcher: JobWatcher,
    private readonly backlog: BacklogLimit,
    private readonly wakes: WakeSender,
    private readonly files: ObsoleteFiles,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
  ) {}

  @Post()
  @CreateJobRoute
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @ClientGone() signal: AbortSignal,
  ): Promise<JobDocument> {
    const { job, replayed } = await this.creation.create(request, response, signal);
    response.set('Location', `/v1/jobs/${job.id}`);
    if (replayed) response.set('Idempotent-Replayed', 'true');
    const waitSeconds = this.capped(parsePrefer(request.get('prefer')).waitSeconds ?? 0);
    const finished = await this.finishedWithin(job.id, waitSeconds, signal);
    if (finished) response.set('Preference-Applied', `wait=${waitSeconds}`);
    response.status(finished ? 200 : 202);
    return describe(finished ?? job, response);
  }

  @Get()
  @ListJobsRoute
  async list(@Query({ schema: ListJobs }) query: ListJobs, @Res({ passthrough: true }) response: Response): Promise<JobList> {
    const { status, batch_id, limit, cursor } = query;
    const { jobs, next } = await this.reader.list({ status, batchId: batch_id, limit, after: cursor });
    const data = jobs.map((job) => jobDocument(job));
    return listPage(response, data, { path: '/v1/jobs', query: { status, batch_id, limit: String(limit) }, next });
  }

  @Get(':id')
  @FindJobRoute
  async find(
    @Param('id', KnownId) id: string,
    @Query({ schema: WaitForJob }) { wait }: WaitForJob,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @ClientGone() signal: AbortSignal,
  ): Promise<JobDocument | undefined> {
    const now = await this.reader.find(id);
    if (!now) throw noSuchJob();
    const job = now.finishedAt ? now : ((await this.finishedWithin(id, this.capped(wait), signal)) ?? now);
    const document = describe(job, response);
    if (noneMatch(request.headers['if-none-match'], etagOf(job))) return document;
    response.status(304);
    return undefined;
  }

  @Post(':id/cancel')
  @CancelJobRoute
  async cancel(@Param('id', KnownId) id: string, @Res({ passthrough: true }) response: Response): Promise<JobDocument> {
    const outcome = await this.intake.cancel(id);
    if (outcome === 'finished') throw problem('job_finished', 'It can no longer be canceled.');
    const job = outcome === 'not_found' ? undefined : await this.reader.find(id);
    if (!job) throw noSuchJob();
    response.status(outcome === 'canceled' ? 200 : 202);
    return describe(job, response);
  }

  @Post(':id/retry')
  @RetryJobRoute
  async retry(@Param('id', KnownId) id: string, @Res({ passthrough: true }) response: Response): Promise<JobDocument> {
    await this.backlog.admit();
    const { outcome, keys } = await this.intake.retry(id);
    if (outcome === 'not_found') throw noSuchJob();
    if (outcome === 'not_failed') throw problem('job_not_failed', 'Only a failed job can be tried again.');
    if (outcome === 'expired') throw problem('results_expired', 'A new job can be made of the same image.');
    if (outcome === 'in_use') throw problem('in_use', 'An unfinished job reads one of its outputs.');
    this.backlog.add(1);
    this.wakes.wake();
    await this.files.delete(keys, { job_id: id });
    const job = await this.reader.find(id);
    if (!job) throw noSuchJob();
    response.status(202);
    return describe(job, response);
  }

  @Delete(':id')
  @HttpCode(204)
  @DeleteJobRoute
  async delete(@Param('id', KnownId) id: string): Promise<void> {
    const { outcome, keys } = await this.intake.delete(id);
    if (outcome === 'not_found') throw noSuchJob();
    if (outcome === 'running') throw problem('job_running', 'Cancel it first, or wait for its end.');
    if (outcome === 'in_use') throw problem('in_use', 'An unfinished job reads one of its outputs.');
    await this.files.delete(keys, { job_id: id });
  }

  private capped(waitSeconds: number): number {
    return Math.min(waitSeconds, this.settings.MAX_WAIT_SECONDS);
  }

  /** The job, when it finished in time. */
  private async finishedWithin(id: string, waitSeconds: number, signal: AbortSignal): Promise<Job | undefined> {
    return (await this.watcher.finished(id, waitSeconds * 1000, signal)) ? this.reader.find(id) : undefined;
  }
}

/** Sets the headers that belong to a job's document. */
function describe(job: Job, response: Response): JobDocument {
  response.set('ETag', etagOf(job));
  // A hint when to ask again.
  if (!job.finishedAt) response.set('Retry-After', '1');
  return jobDocument(job);
}

function etagOf(job: Job): string {
  return `"${job.version}"`;
}

function noSuchJob(): Error {
  return problem('not_found', 'There is no such job.');
}
