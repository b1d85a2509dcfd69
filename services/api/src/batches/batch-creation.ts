import { Inject, Injectable } from '@nestjs/common';
import { Batches, type CountedBatch, IdempotencyKeyLostError, type NewJob, ReferencesNotFoundError } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { Presets } from '@tintype/operations';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Request, Response } from 'express';
import { Idempotency, type RequestKey } from '../http/idempotency.js';
import { problem } from '../http/problems.js';
import { jsonReader } from '../http/request-body.js';
import { validate } from '../http/validation.js';
import { BacklogLimit } from '../jobs/backlog-limit.js';
import { inCreateSpan } from '../jobs/create-span.js';
import { expandPresets } from '../jobs/expand-presets.js';
import { referencesNotFound } from '../jobs/references-not-found.js';
import { requestOrigin } from '../jobs/request-origin.js';
import { SourceUrls } from '../jobs/source-urls.js';
import { WakeSender } from '../jobs/wake-sender.js';
import { PRESETS } from '../presets/presets.token.js';
import { UploadSlots } from '../uploads/upload-slots.js';
import { WebhookTargets } from '../webhooks/webhook-targets.js';
import { CreateBatch } from './batch-requests.js';

const readBatch = jsonReader(2 * 1024 * 1024);

export interface AcceptedBatch {
  readonly batch: CountedBatch;
  /** Whether an earlier request with the same `Idempotency-Key` created it. */
  readonly replayed: boolean;
}

/** Makes batches of requests: all their jobs or none. */
@Injectable()
export class BatchCreation {
  constructor(
    private readonly batches: Batches,
    private readonly wakes: WakeSender,
    private readonly idempotency: Idempotency,
    private readonly backlog: BacklogLimit,
    private readonly slots: UploadSlots,
    private readonly webhooks: WebhookTargets,
    private readonly sources: SourceUrls,
    @Inject(PRESETS) private readonly presets: Presets,
    @InjectMetric(metrics.batchesCreated.name) private readonly created: CounterOf<typeof metrics.batchesCreated>,
    @InjectMetric(metrics.jobsCreated.name) private readonly jobsCreated: CounterOf<typeof metrics.jobsCreated>,
  ) {}

  async create(request: Request, response: Response): Promise<AcceptedBatch> {
    if (!request.is('application/json')) throw problem('unsupported_media_type', 'A batch is sent as application/json.');
    return this.idempotency.run(request, 'batches', async (key) => {
      if (!key.isAnswered) await this.backlog.admit();
      return this.accept(await this.slots.use(() => readBatch(request, response)), request, key);
    });
  }

  private async accept(document: unknown, request: Request, key: RequestKey): Promise<AcceptedBatch> {
    const wanted = validate(CreateBatch, document);
    const { earlier, idempotency } = key.of(document);
    if (earlier !== undefined) return this.replay(earlier);
    this.sources.check(wanted.jobs.map(({ source }, index) => [`/jobs/${index}/source`, source]));
    const jobs = await this.jobsOf(wanted, request);
    const { metadata, webhook } = wanted;
    const webhookEndpointId = await this.webhooks.named(webhook);
    try {
      const batch = await inCreateSpan(jobs.length, (trace) =>
        this.batches.create({
          jobs: jobs.map((job) => ({ ...job, trace: trace ?? job.trace })),
          metadata,
          webhookEndpointId,
          idempotency,
          requestId: request.id,
        }),
      );
      for (const { priority = 'normal' } of jobs) this.jobsCreated.inc({ priority });
      this.created.inc();
      this.backlog.add(jobs.length);
      this.wakes.wake();
      return { batch, replayed: false };
    } catch (error) {
      throw error instanceof ReferencesNotFoundError ? referencesNotFound(error.references, document) : error;
    }
  }

  private async jobsOf({ defaults, jobs }: CreateBatch, request: Request): Promise<NewJob[]> {
    const origin = requestOrigin(request);
    const webhookEndpointId = await this.webhooks.named(defaults.webhook, '/defaults/webhook');
    const outputs = expandPresets(defaults.outputs ?? [], this.presets, '/defaults/outputs');
    return jobs.map((job, index) => ({
      source: job.source,
      outputs: job.outputs ? expandPresets(job.outputs, this.presets, `/jobs/${index}/outputs`) : outputs,
      metadata: job.metadata ?? defaults.metadata,
      priority: job.priority ?? defaults.priority,
      webhookEndpointId,
      ...origin,
    }));
  }

  private async replay(id: string): Promise<AcceptedBatch> {
    const batch = await this.batches.find(id);
    if (!batch) throw new IdempotencyKeyLostError();
    return { batch, replayed: true };
  }
}
