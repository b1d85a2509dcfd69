import { Inject, Injectable } from '@nestjs/common';
import { metrics } from '@tintype/metrics';
import { type CounterOf, type HistogramOf, Problem } from '@tintype/platform';
import { OutOfSpaceError } from '@tintype/storage';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { incompleteBody } from '../http/problems.js';
import { declaredBytes, expectBody } from '../http/request-body.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';
import { type FormReader, maxFormOverheadBytes, readForm } from './multipart.js';
import { UploadSlots } from './upload-slots.js';
import { type StoredImage, UploadStore, uploadTooLarge } from './upload-store.js';

type Rejection = (typeof metrics.uploadsRejected.labels.reason)[number];

/** A form whose file, if it has one, is stored by `store`. */
export type MakeFormReader<Reader extends FormReader> = (store: (body: Readable) => Promise<StoredImage>) => Reader;

/** Receives the images that requests bring, in whichever way; counts those that it takes and those that it refuses. */
@Injectable()
export class UploadReceiver {
  constructor(
    private readonly store: UploadStore,
    private readonly slots: UploadSlots,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
    @InjectMetric(metrics.uploadsRejected.name) private readonly rejected: CounterOf<typeof metrics.uploadsRejected>,
    @InjectMetric(metrics.uploadSize.name) private readonly size: HistogramOf<typeof metrics.uploadSize>,
  ) {}

  /** An image that is the whole body of a request. */
  async body(request: Request, response: Response, signal: AbortSignal): Promise<StoredImage> {
    return this.counted(request, async () => {
      this.refuseLongerThan(this.settings.UPLOAD_MAX_BYTES, request);
      return this.slots.use(() => {
        expectBody(request, response);
        return this.keep(request, signal);
      });
    });
  }

  /** The parts of a form, an image among them. When it is refused, for whatever part, the image is gone. */
  async form<Reader extends FormReader>(
    request: Request,
    response: Response,
    signal: AbortSignal,
    makeReader: MakeFormReader<Reader>,
  ): Promise<Reader> {
    const kept: StoredImage[] = [];
    try {
      return await this.counted(request, async () => {
        this.refuseLongerThan(this.settings.UPLOAD_MAX_BYTES + maxFormOverheadBytes, request);
        const reader = makeReader(async (body) => {
          const image = await this.keep(body, signal);
          kept.push(image);
          return image;
        });
        await this.slots.use(() => readForm(request, response, reader));
        return reader;
      });
    } catch (error) {
      await this.store.discard(kept);
      throw error;
    }
  }

  /** An image that came within the document of a request. */
  async inline(request: Request, bytes: Buffer, signal: AbortSignal): Promise<StoredImage> {
    return this.counted(request, () => this.keep(Readable.from([bytes]), signal));
  }

  private async keep(body: Readable, signal: AbortSignal): Promise<StoredImage> {
    const image = await this.store.store(body, signal);
    this.size.observe({ format: image.format }, image.bytes);
    return image;
  }

  private refuseLongerThan(maxBytes: number, request: Request): void {
    if ((declaredBytes(request) ?? 0) > maxBytes) throw uploadTooLarge(this.settings.UPLOAD_MAX_BYTES);
  }

  private async counted<Result>(request: Request, receive: () => Promise<Result>): Promise<Result> {
    try {
      return await receive();
    } catch (error) {
      // A client that left shows as all sorts of errors of the streams that its request went through.
      const cause = request.readableAborted ? incompleteBody() : error;
      const reason = rejectionOf(cause);
      if (reason) this.rejected.inc({ reason });
      throw cause;
    }
  }
}

const rejectionOfCode: Readonly<Record<string, Rejection>> = {
  payload_too_large: 'too_large',
  unsupported_media_type: 'unsupported_format',
  malformed_multipart: 'malformed',
  bad_request: 'incomplete',
  service_unavailable: 'too_many',
};

function rejectionOf(error: unknown): Rejection | undefined {
  if (error instanceof OutOfSpaceError) return 'out_of_space';
  return error instanceof Problem ? rejectionOfCode[error.code] : undefined;
}
