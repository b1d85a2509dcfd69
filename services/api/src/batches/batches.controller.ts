import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { type BatchDocument, batchDocument, Batches, type CountedBatch } from '@tintype/jobs';
import type { Request, Response } from 'express';
import { KnownId } from '../http/known-id.pipe.js';
import { problem } from '../http/problems.js';
import { BacklogLimit } from '../jobs/backlog-limit.js';
import { listPage } from '../jobs/list-page.js';
import { ObsoleteFiles } from '../jobs/obsolete-files.js';
import { WakeSender } from '../jobs/wake-sender.js';
import { BatchCreation } from './batch-creation.js';
import { type BatchList, type BatchRetry, ListBatches } from './batch-requests.js';
import {
  BatchRoutes,
  CancelBatchRoute,
  CreateBatchRoute,
  FindBatchRoute,
  ListBatchesRoute,
  RetryBatchRoute,
} from './batches.openapi.js';

@BatchRoutes
@Controller('v1/batches')
export class BatchesController {
  constructor(
    private readonly creation: BatchCreation,
    private readonly batches: Batches,
    private readonly backlog: BacklogLimit,
    private readonly wakes: WakeSender,
    private readonly files: ObsoleteFiles,
  ) {}

  @Post()
  @CreateBatchRoute
  async create(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<BatchDocument> {
    const { batch, replayed } = await this.creation.create(request, response);
    response.set('Location', `/v1/batches/${batch.batch.id}`);
    if (replayed) response.set('Idempotent-Replayed', 'true');
    response.status(202);
    return describe(batch, response);
  }

  @Get()
  @ListBatchesRoute
  async list(
    @Query({ schema: ListBatches }) { limit, cursor }: ListBatches,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BatchList> {
    const { batches, next } = await this.batches.list({ limit, after: cursor });
    const data = batches.map((batch) => batchDocument(batch));
    return listPage(response, data, { path: '/v1/batches', query: { limit: String(limit) }, next });
  }

  @Get(':id')
  @FindBatchRoute
  async find(@Param('id', KnownId) id: string, @Res({ passthrough: true }) response: Response): Promise<BatchDocument> {
    return describe(await this.found(id), response);
  }

  @Post(':id/cancel')
  @CancelBatchRoute
  async cancel(@Param('id', KnownId) id: string, @Res({ passthrough: true }) response: Response): Promise<BatchDocument> {
    const outcome = await this.batches.cancel(id);
    if (outcome === 'not_found') throw noSuchBatch();
    if (outcome === 'finished') throw problem('batch_finished', 'None of its jobs can be canceled any more.');
    const batch = await this.found(id);
    response.status(batch.batch.finishedAt ? 200 : 202);
    return describe(batch, response);
  }

  @Post(':id/retry')
  @RetryBatchRoute
  async retry(@Param('id', KnownId) id: string, @Res({ passthrough: true }) response: Response): Promise<BatchRetry> {
    await this.backlog.admit();
    const outcome = await this.batches.retryFailed(id);
    if (!outcome) throw noSuchBatch();
    if (outcome.retried === 0) throw problem('job_not_failed', 'The batch has no failed job that can be tried again.');
    this.backlog.add(outcome.retried);
    this.wakes.wake();
    await this.files.delete(outcome.keys, { batch_id: id });
    const batch = await this.found(id);
    response.status(202);
    return { retried: outcome.retried, batch: describe(batch, response) };
  }

  private async found(id: string): Promise<CountedBatch> {
    const batch = await this.batches.find(id);
    if (!batch) throw noSuchBatch();
    return batch;
  }
}

/** Sets the header that belongs to a batch's document. */
function describe(batch: CountedBatch, response: Response): BatchDocument {
  // A hint when to ask again.
  if (!batch.batch.finishedAt) response.set('Retry-After', '1');
  return batchDocument(batch);
}

function noSuchBatch(): Error {
  return problem('not_found', 'There is no such batch.');
}
