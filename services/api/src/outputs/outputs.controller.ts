import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { type FoundOutput, type JobOutput, JobReader } from '@tintype/jobs';
import { type FormatId, formatOf } from '@tintype/operations';
import { NotFoundError, type Storage } from '@tintype/storage';
import type { Request, Response } from 'express';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { KnownId } from '../http/known-id.pipe.js';
import { problem } from '../http/problems.js';
import { STORAGE } from '../storage/storage.module.js';
import { type Representation, sendRepresentation } from './representation.js';
import { DownloadOutputRoute, OutputRoutes } from './outputs.openapi.js';

const DownloadOptions = z.strictObject({
  download: z.enum(['0', '1']).default('0').meta({ description: '1 to have it saved as a file rather than shown' }),
});
type DownloadOptions = z.output<typeof DownloadOptions>;

@OutputRoutes
@Controller('v1/jobs/:id/outputs')
export class OutputsController {
  constructor(
    private readonly jobs: JobReader,
    @Inject(STORAGE) private readonly storage: Storage,
  ) {}

  /** Also HEAD. */
  @Get(':name')
  @DownloadOutputRoute
  async download(
    @Param('id', KnownId) id: string,
    @Param('name') name: string,
    @Query({ schema: DownloadOptions }) { download }: DownloadOptions,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const found = await this.jobs.output(id, name);
    if (!found) throw problem('not_found', 'There is no such job, or it has no such output.');
    const representation = this.representationOf(found);
    try {
      await sendRepresentation(request, response, representation, { download: download === '1' });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      request.log.warn({ err: error, job: id }, 'output missing');
      throw outputMissing(error);
    }
  }

  private representationOf({ output, expiredAt }: FoundOutput): Representation {
    if (output.status === 'queued') {
      throw problem('output_not_ready', 'Its job has not finished.', { headers: { 'Retry-After': '1' } });
    }
    if (output.status !== 'completed') throw outputFailed(output);
    if (expiredAt) throw problem('results_expired', `That was at ${expiredAt.toISOString()}.`);
    return this.imageOf(output) ?? valueOf(output);
  }

  private imageOf({ name, storageKey, sha256, bytes, mediaType, format }: JobOutput): Representation | undefined {
    if (storageKey === null || sha256 === null || bytes === null || mediaType === null) return undefined;
    return {
      etag: `"${sha256}"`,
      mediaType,
      filename: `${name}.${formatOf(format as FormatId).extension}`,
      bytes,
      check: async () => {
        if (!(await this.storage.stat(storageKey))) throw new NotFoundError(storageKey);
      },
      open: async (range) => (await this.storage.get(storageKey, range)).body,
    };
  }
}

/** The result of an analysis. */
function valueOf({ name, value }: JobOutput): Representation {
  const json = Buffer.from(JSON.stringify(value));
  return {
    etag: `"${createHash('sha256').update(json).digest('hex')}"`,
    mediaType: 'application/json',
    filename: `${name}.json`,
    bytes: json.length,
    check: async () => {},
    open: async (range) => Readable.from([range ? json.subarray(range.start, range.end + 1) : json]),
  };
}

function outputFailed({ status, errorCode, errorDetail }: JobOutput): Error {
  if (!errorCode) return problem('output_failed', status === 'canceled' ? 'Its job was canceled.' : undefined);
  const errors = [{ pointer: '', code: errorCode, detail: errorDetail ?? '' }];
  return problem('output_failed', errorDetail ?? undefined, { errors });
}

/** Caches keep a 410 unless told not to; a backup may bring the file back. */
function outputMissing(cause: NotFoundError): Error {
  return problem('output_missing', 'Its file is not in the storage.', { cause, headers: { 'Cache-Control': 'no-store' } });
}
