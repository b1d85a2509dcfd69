/** What clients send about batches. */
import { BatchDocument } from '@tintype/jobs';
import { z } from 'zod';
import { Cursor } from '../jobs/cursor.js';
import { Metadata, NamedSource, Outputs, Priority } from '../jobs/job-requests.js';
import { BatchWebhook, JobWebhook } from '../webhooks/webhook-requests.js';

const maxJobs = 1000;

const shared = { outputs: Outputs.optional(), metadata: Metadata.optional(), priority: Priority.optional() };

const BatchDefaults = z
  .strictObject({ ...shared, webhook: JobWebhook.optional() })
  .meta({ id: 'BatchDefaults', description: 'What all jobs share: what a job has of its own stands instead' });

const BatchJob = z.strictObject({ source: NamedSource, ...shared }).meta({ id: 'BatchJob' });

/** `POST /v1/batches`. */
export const CreateBatch = z
  .strictObject({
    defaults: BatchDefaults.default({}),
    jobs: z.array(BatchJob).min(1).max(maxJobs),
    metadata: Metadata.optional(),
    webhook: BatchWebhook.optional(),
  })
  .superRefine(({ defaults, jobs }, context) => {
    if (defaults.outputs) return;
    for (const [index, { outputs }] of jobs.entries()) {
      if (outputs) continue;
      const message = 'is required where the defaults have none';
      context.addIssue({ code: 'custom', path: ['jobs', index, 'outputs'], message, params: { code: 'required' } });
    }
  })
  .meta({ id: 'CreateBatch' });
export type CreateBatch = z.output<typeof CreateBatch>;

export const ListBatches = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'How many batches a page has at most' }),
  cursor: Cursor.optional().meta({ description: 'The `next_cursor` of the page before' }),
});
export type ListBatches = z.output<typeof ListBatches>;

export const BatchList = z
  .strictObject({
    data: z.array(BatchDocument).meta({ description: 'Newest first' }),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: 'To be sent as `cursor` for the next page; null on the last one' }),
  })
  .meta({ id: 'BatchList' });
export type BatchList = z.output<typeof BatchList>;

export const BatchRetry = z
  .strictObject({ retried: z.int().meta({ description: 'How many jobs are tried again' }), batch: BatchDocument })
  .meta({ id: 'BatchRetry' });
export type BatchRetry = z.output<typeof BatchRetry>;
