/** An upload as clients see it. */
import type { Upload } from '@tintype/jobs';
import { inputFormats } from '@tintype/operations';
import { z } from 'zod';

export const UploadDocument = z
  .strictObject({
    id: z.uuid().meta({ description: 'UUIDv7' }),
    object: z.literal('upload'),
    format: z.enum(inputFormats).meta({ description: 'As its first bytes tell' }),
    bytes: z.int(),
    sha256: z.string().meta({ description: 'Hexadecimal' }),
    created_at: z.iso.datetime().meta({ description: 'RFC 3339, UTC' }),
  })
  .meta({ id: 'Upload', description: 'A stored image that jobs can read' });
export type UploadDocument = z.output<typeof UploadDocument>;

export function uploadDocument({ id, format, bytes, sha256, createdAt }: Upload): UploadDocument {
  return { id, object: 'upload', format: format as UploadDocument['format'], bytes, sha256, created_at: createdAt.toISOString() };
}
