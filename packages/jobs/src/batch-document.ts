/** A batch as clients see it. */
import { z } from 'zod';
import type { CountedBatch } from './batches.js';
import type { JobDocumentOptions } from './job-document.js';

const Time = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });

const BatchCounts = z
  .strictObject({
    total: z.int().meta({ description: 'Jobs that it was created with: the sum of the others' }),
    queued: z.int(),
    running: z.int(),
    completed: z.int(),
    failed: z.int(),
    canceled: z.int(),
    deleted: z.int().meta({ description: 'Jobs that a client has deleted' }),
  })
  .meta({ id: 'BatchCounts' });

export const BatchDocument = z
  .strictObject({
    id: z.uuid().meta({ description: 'UUIDv7' }),
    object: z.literal('batch'),
    status: z.enum(['running', 'finished']).meta({ description: '`finished` when none of its jobs is queued or running' }),
    counts: BatchCounts,
    created_at: Time,
    finished_at: Time.nullable().meta({ description: 'When the last of its jobs ended' }),
    metadata: z.record(z.string(), z.unknown()).meta({ description: "The client's own, as it came" }),
    links: z.strictObject({ self: z.string(), jobs: z.string(), cancel: z.string(), retry: z.string() }),
  })
  .meta({ id: 'Batch', description: 'Jobs that came with one request, and how many of them are how far' });
export type BatchDocument = z.infer<typeof BatchDocument>;

export function batchDocument({ batch, jobs }: CountedBatch, { baseUrl = '' }: JobDocumentOptions = {}): BatchDocument {
  const self = `${baseUrl}/v1/batches/${batch.id}`;
  const left = Object.values(jobs).reduce((sum, count) => sum + count, 0);
  return {
    id: batch.id,
    object: 'batch',
    status: batch.finishedAt ? 'finished' : 'running',
    counts: { total: batch.total, ...jobs, deleted: batch.total - left },
    created_at: batch.createdAt.toISOString(),
    finished_at: batch.finishedAt?.toISOString() ?? null,
    metadata: batch.metadata,
    links: { self, jobs: `${baseUrl}/v1/jobs?batch_id=${batch.id}`, cancel: `${self}/cancel`, retry: `${self}/retry` },
  };
}
