/** A job as clients see it: the API answers with it, and a schema of it is part of the API's description. */
import { z } from 'zod';
import { jobErrors, type JobErrorCode } from './error-codes.js';
import type { JobInput } from './job-input.entity.js';
import type { JobOutput } from './job-output.entity.js';
import type { Job } from './job.entity.js';
import { priorities, priorityOf, type Priority } from './priority.js';
import { stages, statuses } from './status.js';

export const Time = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });
const status = z.enum(statuses);
const errorCode = z.enum(Object.keys(jobErrors) as [JobErrorCode, ...JobErrorCode[]]);

export const OutputError = z.strictObject({
  code: errorCode.meta({ description: 'A stable code' }),
  title: z.string().meta({ description: 'What the code means' }),
  detail: z.string().nullable().meta({ description: 'What it was in this case' }),
  retryable: z.boolean().meta({ description: 'Whether an equal new job may succeed' }),
});

const JobError = OutputError.extend({
  output: z
    .string()
    .nullable()
    .meta({ description: 'The name of the output whose fault it was; null for a fault of the job as a whole' }),
}).meta({ id: 'JobError' });

const JobSource = z
  .strictObject({
    kind: z
      .enum(['file', 'upload', 'output', 'url'])
      .meta({ description: 'Came with the job, an earlier upload, an output of an earlier job, or fetched from a URL' }),
    url: z.string().optional().meta({ description: 'Where it is fetched from; only there for the kind `url`' }),
    format: z.string().nullable().meta({ description: 'Null until it has been fetched' }),
    bytes: z.int().nullable(),
    sha256: z.string().nullable().meta({ description: 'Hexadecimal' }),
    width: z.int().nullable().meta({ description: 'Pixels of one frame, upright; null until the source has been read' }),
    height: z.int().nullable(),
    pages: z.int().nullable().meta({ description: 'Frames of an animation; 1 for a still image' }),
  })
  .meta({ id: 'JobSource' });

const Progress = z
  .strictObject({
    stage: z.enum(stages).nullable().meta({ description: 'What its worker is doing; null unless it is running' }),
    outputs_done: z.int().meta({ description: 'Outputs that the current attempt has stored' }),
    outputs_total: z.int(),
    percent: z.int().meta({ description: 'Of the outputs, how many are done' }),
  })
  .meta({ id: 'JobProgress' });

const OutputDocument = z
  .strictObject({
    name: z.string(),
    status,
    url: z.string().nullable().meta({
      description: 'Where to download it; null until it is completed, and once its file was deleted because of its age',
    }),
    format: z.string().nullable(),
    media_type: z.string().nullable(),
    width: z.int().nullable().meta({ description: 'Pixels of one frame' }),
    height: z.int().nullable(),
    pages: z.int().nullable().meta({ description: 'Frames of an animation; 1 for a still image' }),
    bytes: z.int().nullable(),
    sha256: z.string().nullable().meta({ description: 'Hexadecimal' }),
    value: z.unknown().optional().meta({ description: 'The result of an analysis; only there for a completed one' }),
    error: OutputError.nullable(),
  })
  .meta({ id: 'JobOutput' });

export const JobDocument = z
  .strictObject({
    id: z.uuid().meta({ description: 'UUIDv7' }),
    object: z.literal('job'),
    status: status.meta({ description: '`completed`, `failed` and `canceled` are final' }),
    created_at: Time,
    started_at: Time.nullable().meta({ description: 'When its first attempt began' }),
    finished_at: Time.nullable(),
    priority: z.enum(Object.keys(priorities) as [Priority, ...Priority[]]),
    progress: Progress,
    attempt: z.int().meta({ description: 'The number of the current or last attempt; 0 before the first' }),
    max_attempts: z.int(),
    source: JobSource,
    outputs: z.array(OutputDocument).meta({ description: 'In the order of the request' }),
    error: JobError.nullable().meta({ description: 'Why it failed' }),
    last_error: OutputError.nullable().meta({ description: 'Why the attempt before this one ended without results' }),
    results_expired_at: Time.nullable().meta({ description: 'When its files were deleted because of their age' }),
    batch_id: z.uuid().nullable().meta({ description: 'The batch that it belongs to' }),
    metadata: z.record(z.string(), z.unknown()).meta({ description: "The client's own, as it came" }),
    links: z.strictObject({ self: z.string(), events: z.string(), cancel: z.string(), retry: z.string() }),
  })
  .meta({ id: 'Job', description: 'A job and what came of it' });
export type JobDocument = z.infer<typeof JobDocument>;

export interface JobDocumentOptions {
  /** Before the paths, without a slash at its end. Default: none, so that paths stand alone. */
  readonly baseUrl?: string;
}

/** `job` with its outputs and inputs. */
export function jobDocument(job: Job, { baseUrl = '' }: JobDocumentOptions = {}): JobDocument {
  const self = `${baseUrl}/v1/jobs/${job.id}`;
  return {
    id: job.id,
    object: 'job',
    status: job.status,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
    priority: priorityOf(job.priority),
    progress: progressOf(job),
    attempt: job.attempt,
    max_attempts: job.maxAttempts,
    source: sourceOf(job),
    outputs: job.outputs.map((output) => outputDocument(output, job, self)),
    error: job.errorCode && { ...errorOf(job.errorCode, job.errorDetail), output: job.errorOutput },
    last_error: job.lastErrorCode && errorOf(job.lastErrorCode, job.lastErrorDetail),
    results_expired_at: job.resultsExpiredAt?.toISOString() ?? null,
    batch_id: job.batchId,
    metadata: job.metadata,
    links: { self, events: `${self}/events`, cancel: `${self}/cancel`, retry: `${self}/retry` },
  };
}

function sourceOf(job: Job): JobDocument['source'] {
  const source = job.inputs.find(({ role }) => role === 'source');
  if (!source) throw new Error(`job ${job.id} was read without its inputs`);
  return {
    kind: kindOf(source),
    ...(source.url !== null && { url: source.url }),
    format: job.sourceFormat ?? source.format,
    bytes: source.bytes,
    sha256: source.sha256,
    width: job.sourceWidth,
    height: job.sourceHeight,
    pages: job.sourcePages,
  };
}

/** Of what is really done: an image library tells nothing of how far it is with a picture. */
function progressOf(job: Job): JobDocument['progress'] {
  const total = job.outputs.length;
  const done = job.finishedAt ? job.outputs.filter((output) => output.status === 'completed').length : job.outputsDone;
  return { stage: job.stage, outputs_done: done, outputs_total: total, percent: Math.floor((100 * done) / total) };
}

function kindOf(input: JobInput): JobDocument['source']['kind'] {
  if (input.url !== null) return 'url';
  if (input.uploadId) return 'upload';
  return input.fromJobId ? 'output' : 'file';
}

function outputDocument(output: JobOutput, job: Job, jobUrl: string): JobDocument['outputs'][number] {
  const { name, format, width, height, pages, bytes, sha256, value } = output;
  const completed = output.status === 'completed';
  return {
    name,
    // While a job is running all its outputs are.
    status: output.status === 'queued' ? job.status : output.status,
    url: completed && !job.resultsExpiredAt ? `${jobUrl}/outputs/${name}` : null,
    format,
    media_type: output.mediaType,
    width,
    height,
    pages,
    bytes,
    sha256,
    ...(completed && output.storageKey === null && { value }),
    error: output.errorCode && errorOf(output.errorCode, output.errorDetail),
  };
}

export function errorOf(code: JobErrorCode, detail: string | null): z.infer<typeof OutputError> {
  return { code, title: jobErrors[code].title, detail, retryable: jobErrors[code].retryable };
}
