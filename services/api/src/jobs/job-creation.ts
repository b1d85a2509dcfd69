import { Inject, Injectable } from '@nestjs/common';
import { type Job, JobIntake, JobReader, type NewJob, ReferencesNotFoundError } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import { expandPreset, ImageReference, type Output, PresetNotFound, type Presets, referenceKey } from '@tintype/operations';
import { type CounterOf, jsonPointer, Problem } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Request, Response } from 'express';
import { problem } from '../http/problems.js';
import { readJson } from '../http/request-body.js';
import { validate } from '../http/validation.js';
import { PRESETS } from '../presets/presets.token.js';
import { UploadReceiver } from '../uploads/upload-receiver.js';
import { type StoredImage, UploadStore } from '../uploads/upload-store.js';
import { JobForm } from './job-form.js';
import { CreateJob, type CreateJobOfFile } from './job-requests.js';
import { WakeSender } from './wake-sender.js';

const traceparent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Makes jobs of requests. A job that it resolves with is safe, and a worker will be told of it. */
@Injectable()
export class JobCreation {
  constructor(
    private readonly intake: JobIntake,
    private readonly reader: JobReader,
    private readonly receiver: UploadReceiver,
    private readonly images: UploadStore,
    private readonly wakes: WakeSender,
    @Inject(PRESETS) private readonly presets: Presets,
    @InjectMetric(metrics.jobsCreated.name) private readonly created: CounterOf<typeof metrics.jobsCreated>,
  ) {}

  /** A request of a content type that is none of the two is refused with 415. */
  async create(request: Request, response: Response, signal: AbortSignal): Promise<Job> {
    const type = request.is(['application/json', 'multipart/form-data']);
    if (type === 'application/json') return this.fromJson(request, response, signal);
    if (type === 'multipart/form-data') return this.fromForm(request, response, signal);
    throw problem('unsupported_media_type', 'A job is sent as application/json, or with its image as multipart/form-data.');
  }

  private async fromJson(request: Request, response: Response, signal: AbortSignal): Promise<Job> {
    const { source, ...document } = validate(CreateJob, await readJson(request, response));
    const job = this.jobOf(document, request);
    if (!('data' in source)) return this.accepted(await this.insert({ ...job, source }));
    const image = await this.receiver.inline(request, Buffer.from(source.data, 'base64'), signal);
    return this.accepted(await this.insertWithImage(image, () => job));
  }

  private async fromForm(request: Request, response: Response, signal: AbortSignal): Promise<Job> {
    const form = await this.receiver.form(request, response, signal, (store) => new JobForm(store));
    return this.accepted(await this.insertWithImage(form.requiredImage(), () => this.jobOf(form.request(), request)));
  }

  private jobOf({ outputs, metadata }: CreateJobOfFile, request: Request): JobOfRequest {
    const trace = request.get('traceparent');
    return {
      outputs: this.outputsOf(outputs),
      metadata,
      requestId: request.id,
      trace: trace !== undefined && traceparent.test(trace) ? trace : undefined,
    };
  }

  /** An image that no job comes to read is deleted. */
  private async insertWithImage(image: StoredImage, describe: () => JobOfRequest): Promise<Job> {
    // The job has the id of its file, so that whoever finds the file finds the job.
    const { id, key: storageKey, sha256, bytes, format } = image;
    try {
      return await this.insert({ ...describe(), id, source: { storageKey, sha256, bytes, format } });
    } catch (error) {
      // A connection may break after the commit, and then there is the job. Where the database cannot tell, this rejects and
      // the image stays: one too many is swept away later, one too few would fail an accepted job.
      const job = error instanceof Problem ? undefined : await this.reader.find(id);
      if (job) return job;
      await this.images.discard([image]);
      throw error;
    }
  }

  private async insert(job: NewJob): Promise<Job> {
    try {
      return await this.intake.create(job);
    } catch (error) {
      throw error instanceof ReferencesNotFoundError ? referencesNotFound(error.references, job) : error;
    }
  }

  private accepted(job: Job): Job {
    this.created.inc();
    this.wakes.wake();
    return job;
  }

  private outputsOf(requests: CreateJobOfFile['outputs']): Output[] {
    return requests.map((request, index) => {
      try {
        return expandPreset(request, this.presets);
      } catch (error) {
        if (!(error instanceof PresetNotFound)) throw error;
        const pointer = `/outputs/${index}/preset`;
        throw problem('preset_not_found', undefined, { errors: [{ pointer, code: 'preset_not_found', detail: error.message }] });
      }
    });
  }
}

type JobOfRequest = Omit<NewJob, 'source' | 'id'>;

function referencesNotFound(missing: readonly ImageReference[], job: NewJob): Problem {
  const keys = new Set(missing.map(referenceKey));
  const errors = pointersTo(keys, { source: job.source, outputs: job.outputs }, []).map((pointer) => ({
    pointer,
    code: 'reference_not_found',
    detail: 'does not exist, or is not a completed image',
  }));
  return problem('reference_not_found', undefined, { errors });
}

/** Where a document names one of the images. */
function pointersTo(keys: ReadonlySet<string>, value: unknown, path: readonly PropertyKey[]): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const reference = ImageReference.safeParse(value);
  if (reference.success) return keys.has(referenceKey(reference.data)) ? [jsonPointer(path)] : [];
  return Object.entries(value).flatMap(([key, child]) => pointersTo(keys, child, [...path, key]));
}
