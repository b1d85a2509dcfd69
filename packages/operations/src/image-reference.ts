import { z } from 'zod';
import { hasKey, pickedUnion } from './picked-union.js';

const UploadReference = z.strictObject({ upload_id: z.uuid().meta({ description: 'An upload of `POST /v1/uploads`' }) });

const OutputReference = z.strictObject({
  job_id: z.uuid().meta({ description: 'A completed job' }),
  output: z.string().min(1).max(64).meta({ description: 'The name of one of its image outputs' }),
});

/** A second image that an operation reads: an earlier upload, or an output of an earlier job. */
export const ImageReference = pickedUnion([UploadReference, OutputReference], (value) =>
  hasKey(value, 'job_id') || hasKey(value, 'output') ? OutputReference : UploadReference,
).meta({ id: 'ImageReference', description: 'An earlier upload, or an output of an earlier job' });
export type ImageReference = z.infer<typeof ImageReference>;

/** The key under which the runner finds the file of a reference; equal references have equal keys. */
export function referenceKey(reference: ImageReference): string {
  return 'upload_id' in reference ? `upload:${reference.upload_id}` : `job:${reference.job_id}:${reference.output}`;
}
