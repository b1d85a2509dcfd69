/** What clients send about jobs. */
import { JobDocument, priorities, type Priority as JobPriority, statuses } from '@tintype/jobs';
import { ImageReference, OutputRequest } from '@tintype/operations';
import { z } from 'zod';
import { httpUrl } from '../http/http-url.js';
import { JobWebhook } from '../webhooks/webhook-requests.js';
import { Cursor } from './cursor.js';

const maxOutputs = 20;
const maxMetadataKeys = 50;
const maxUrlLength = 2048;
export const maxInlineBytes = 64 * 1024;

const InlineSource = z.strictObject({
  data: z
    .base64()
    .min(1)
    .max(Math.ceil(maxInlineBytes / 3) * 4)
    .meta({ description: `The bytes of a small image, ${maxInlineBytes / 1024} KiB at most, in base64` }),
});

const UrlSource = z.strictObject({
  url: httpUrl(maxUrlLength).meta({
    description: 'Where a worker is to fetch the image, with http or https; servers may have this turned off',
  }),
});

/** A source that does not come with the request. */
export const NamedSource = z
  .union([ImageReference, UrlSource])
  .meta({ id: 'NamedSource', description: 'An upload, an output of an earlier job, or a URL' });

export const Source = z
  .union([ImageReference, UrlSource, InlineSource])
  .meta({ id: 'Source', description: 'An upload, an output of an earlier job, a URL, or the image itself' });

export const Outputs = z
  .array(OutputRequest)
  .min(1)
  .max(maxOutputs)
  .superRefine((outputs, context) => {
    const names = new Set<string>();
    for (const [index, { name }] of outputs.entries()) {
      if (names.has(name))
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'An output before it has this name' });
      names.add(name);
    }
  })
  .meta({ description: 'The results wanted, each with a name of its own' });

export const Metadata = z
  .record(z.string().min(1).max(64), z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]))
  .refine((metadata) => Object.keys(metadata).length <= maxMetadataKeys, `At most ${maxMetadataKeys} keys`)
  .meta({ description: `Notes of your own, given back as they came: up to ${maxMetadataKeys} plain values` });

export const Priority = z
  .enum(Object.keys(priorities) as [JobPriority, ...JobPriority[]])
  .meta({ description: '`interactive` jobs begin before `normal` ones, and these before `bulk`; none of them waits for ever' });

/** `POST /v1/jobs` as JSON. */
export const CreateJob = z
  .strictObject({
    source: Source,
    outputs: Outputs,
    metadata: Metadata.optional(),
    priority: Priority.default('normal'),
    webhook: JobWebhook.optional(),
  })
  .meta({ id: 'CreateJob' });
export type CreateJob = z.output<typeof CreateJob>;

/** The part `job` of a form: its source is the part `file`. */
export const CreateJobOfFile = CreateJob.omit({ source: true }).meta({ id: 'CreateJobOfFile' });
export type CreateJobOfFile = z.output<typeof CreateJobOfFile>;

export const ListJobs = z.strictObject({
  status: z.enum(statuses).optional().meta({ description: 'Only jobs in this state' }),
  batch_id: z.uuid().optional().meta({ description: 'Only jobs of this batch' }),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'How many jobs a page has at most' }),
  cursor: Cursor.optional().meta({ description: 'The `next_cursor` of the page before' }),
});
export type ListJobs = z.output<typeof ListJobs>;

export const JobList = z
  .strictObject({
    data: z.array(JobDocument).meta({ description: 'Newest first' }),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: 'To be sent as `cursor` for the next page; null on the last one' }),
  })
  .meta({ id: 'JobList' });
export type JobList = z.output<typeof JobList>;

export const WaitForJob = z.strictObject({
  wait: z.coerce.number().min(0).default(0).meta({
    description: 'How many seconds the answer may wait for the end of the job; more than the server allows counts as that much',
  }),
});
export type WaitForJob = z.output<typeof WaitForJob>;
