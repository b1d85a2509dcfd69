/**
 * What a child says to its parent over IPC. The child decodes strangers' files, so its words are checked as if a stranger had
 * sent them. Paths are left out: the parent knows where the files of a job lie.
 */
import { imageErrorCodes, inputFormats, outputFormats } from '@tintype/operations';
import { z } from 'zod';
import { longestJobSeconds } from '../settings.js';

const count = z.int().min(1);

const bytes = z.int().min(0);

const source = z.object({ format: z.enum(inputFormats), width: count, height: count, pages: count });

const milliseconds = z
  .number()
  .min(0)
  .max(longestJobSeconds * 1000);

const stages = z.object({ decodeMs: milliseconds, transformMs: milliseconds, encodeMs: milliseconds });

const image = z.object({
  status: z.literal('completed'),
  kind: z.literal('image'),
  format: z.enum(outputFormats),
  width: count,
  height: count,
  pages: count,
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  stages,
});

const analysis = z.object({ status: z.literal('completed'), kind: z.literal('analysis'), value: z.unknown(), stages });

const failure = z.object({
  status: z.literal('failed'),
  code: z.enum(imageErrorCodes),
  detail: z.string().max(2000),
  stages,
});

const event = z.discriminatedUnion('type', [
  z.object({ type: z.literal('source'), source }),
  z.object({ type: z.literal('output'), index: z.int().min(0), result: z.union([image, analysis, failure]) }),
]);

/** What a child tells of the job that it runs. */
export type ChildEvent = z.infer<typeof event>;
export type SourceFacts = Extract<ChildEvent, { readonly type: 'source' }>['source'];
export type OutputResult = Extract<ChildEvent, { readonly type: 'output' }>['result'];

/** Every message wakes the parent, so the events that can wait go with the next one. */
export const MessageFromChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('events'), events: z.array(event) }),
  /** It is ready for a request, the first or the next. */
  z.object({ type: z.literal('done'), events: z.array(event), residentBytes: bytes, vipsPeakBytes: bytes }),
  /** The source cannot be processed. */
  z.object({ type: z.literal('refused'), code: z.enum(imageErrorCodes), detail: z.string().max(2000) }),
  /** The outputs cannot be written, which is not the job's fault. */
  z.object({ type: z.literal('unwritable') }),
  /** Something that should not happen; the child is of no use any more. */
  z.object({ type: z.literal('error'), message: z.string() }),
]);
export type MessageFromChild = z.infer<typeof MessageFromChild>;
