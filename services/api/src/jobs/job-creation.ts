import { Inject, Injectable } from '@nestjs/common';
import {
  IdempotencyKeyLostError,
  type Job,
  JobIntake,
  JobReader,
  type NewJob,
  priorityOf,
  ReferencesNotFoundError,
} from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { Presets } from '@tintype/operations';
import { type CounterOf, Problem } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Request, Response } from 'express';
import { Idempotency, type RequestKey } from '../http/idempotency.js';
import { problem } from '../http/problems.js';
import { readJson } from '../http/request-body.js';
import { validate } from '../http/validation.js';
import { PRESETS } from '../presets/presets.token.js';
import { UploadReceiver } from '../uploads/upload-receiver.js';
import { type StoredImage, UploadStore } from '../uploads/upload-store.js';
import { WebhookTargets } from '../webhooks/webhook-targets.js';
import { BacklogLimit } from './backlog-limit.js';
import { inCreateSpan } from './create-span.js';
import { expandPresets } from './expand-presets.js';
import { JobForm } from './job-form.js';
import { CreateJob, type CreateJobOfFile } from './job-requests.js';
import { referencesNotFound } from './references-not-found.js';
import { requestOrigin } from './request-origin.js';
import { SourceUrls } from './source-urls.js';
import { WakeSender } from './wake-sender.js';

export interface AcceptedJob {
  readonly job: Job;
  /** Whether an earlier request with the same `Idempotency-Key` created it. */
  readonly replayed: boolean;
}

/** Makes jobs of requests. A job that it resolves with is safe, and a worker will be told of it. */
@Injectable()
export class JobCreation {
  constructor(
    private readonly intake: JobIntake,
    private readonly reader: JobReader,
    private readonly receiver: UploadReceiver,
    private readonly images: UploadStore,
    private readonly wakes: WakeSender,
    private readonly idempotency: Idempotency,
    private readonly backlog: BacklogLimit,
    private readonly webhooks: WebhookTargets,
    private readonly sources: SourceUrls,
    @Inject(PRESETS) private readonly presets: Presets,
    @InjectMetric(metrics.jobsCreated.name) private readonly created: CounterOf<typeof metrics.jobsCreated>,
  ) {}

  /** A request of a content type that is none of the two is refused with 415. */
  async create(request: Request, response: Response, signal: AbortSignal): Promise<AcceptedJob> {
    const type = request.is(['application/json', 'multipart/form-data']);
    if (!type) {
      throw problem('unsupported_media_type', 'A job is sent as application/json, or with its image as multipart/form-data.');
    }
    return this.idempotency.run(request, 'jobs', async (key) => {
      if (!key.isAnswered) await this.backlog.admit();
      if (type === 'application/json') return this.fromJson(request, response, signal, key);
      return this.fromForm(request, response, signal, key);
    });
  }

  private async fromJson(request: Request, response: Response, signal: AbortSignal, key: RequestKey): Promise<AcceptedJob> {
    const document = await readJson(request, response);
    const { source, ...wanted } = validate(CreateJob, document);
    const { earlier, idempotency } = key.of(document);
    if (earlier !== undefined) return this.replay(earlier);
    if (!('data' in source)) this.sources.check([['/source', source]]);
    const job = { ...(await this.jobOf(wanted, request)), idempotency };
    if (!('data' in source)) return this.insert({ ...job, source });
    const image = await this.receiver.inline(request, Buffer.from(source.data, 'base64'), signal);
    return this.keepFor(image, () => this.insert({ ...job, ...fileOf(image) }));
  }

  private async fromForm(request: Request, response: Response, signal: AbortSignal, key: RequestKey): Promise<AcceptedJob> {
    const form = await this.receiver.form(request, response, signal, (store) => new JobForm(store));
    const image = form.requiredImage();
    return this.keepFor(image, async () => {
      const wanted = form.request();
      const { earlier, idempotency } = key.of(form.content);
      if (earlier !== undefined) return this.replay(earlier);
      return this.insert({ ...(await this.jobOf(wanted, request)), idempotency, ...fileOf(image) });
    });
  }

  private async jobOf(wanted: CreateJobOfFile, request: Request): Promise<Omit<NewJob, 'source'>> {
    const { metadata, priority, webhook } = wanted;
    const outputs = expandPresets(wanted.outputs, this.presets, '/outputs');
    const webhookEndpointId = await this.webhooks.named(webhook);
    return { outputs, metadata, priority, webhookEndpointId, ...requestOrigin(request) };
  }

  /**
   * An image that no job comes to read is deleted. Where a connection broke, PostgreSQL may have done what it was asked, or may be
   * about to: then the image stays. One too many is swept away later, one too few would fail an accepted job.
   */
  private async keepFor(image: StoredImage, create: () => Promise<AcceptedJob>): Promise<AcceptedJob> {
    let accepted: AcceptedJob;
    try {
      accepted = await create();
    } catch (error) {
      if (error instanceof Problem || error instanceof IdempotencyKeyLostError) {
        await this.images.discard([image]);
        throw error;
      }
      const job = await this.reader.find(image.id).catch(() => undefined);
      if (job) return this.accepted(job);
      throw error;
    }
    if (accepted.replayed) await this.images.discard([image]);
    return accepted;
  }

  private insert(job: NewJob): Promise<AcceptedJob> {
    return inCreateSpan(1, async (trace, span) => {
      const accepted = await this.write({ ...job, trace: trace ?? job.trace });
      span.setAttribute('messaging.message.id', accepted.job.id);
      return accepted;
    });
  }

  private async write(job: NewJob): Promise<AcceptedJob> {
    try {
      return this.accepted(await this.intake.create(job));
    } catch (error) {
      if (!(error instanceof ReferencesNotFoundError)) throw error;
      throw referencesNotFound(error.references, { source: job.source, outputs: job.outputs });
    }
  }

  private accepted(job: Job): AcceptedJob {
    this.created.inc({ priority: priorityOf(job.priority) });
    this.backlog.add(1);
    this.wakes.wake();
    return { job, replayed: false };
  }

  /** Its key goes with a job that is deleted. */
  private async replay(id: string): Promise<AcceptedJob> {
    const job = await this.reader.find(id);
    if (!job) throw new IdempotencyKeyLostError();
    return { job, replayed: true };
  }
}

/** The job has the id of its file, so that whoever finds the file finds the job. */
function fileOf({ id, key: storageKey, sha256, bytes, format }: StoredImage): Pick<NewJob, 'id' | 'source'> {
  return { id, source: { storageKey, sha256, bytes, format } };
}
