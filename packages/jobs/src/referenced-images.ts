/** Images that a new job names instead of bringing them. */
import { referenceKey, type ImageReference } from '@tintype/operations';
import type { EntityManager } from 'typeorm';

/** An input of a job, as far as its row describes the file and its origin. */
export interface InputFile {
  readonly storage_key: string;
  readonly sha256: string;
  /** PostgreSQL's int8 comes as a string. */
  readonly bytes: number | string;
  readonly format: string;
  readonly upload_id?: string;
  readonly from_job_id?: string;
  readonly from_output?: string;
}

/**
 * Finds the files of references, by `referenceKey`; those that lead nowhere are missing from the result. Until the transaction
 * ends nobody can delete what was found; after that the new job's own rows protect it.
 */
export async function findReferencedImages(
  manager: EntityManager,
  references: readonly ImageReference[],
): Promise<Map<string, InputFile>> {
  const uploadIds = references.flatMap((reference) => ('upload_id' in reference ? [reference.upload_id] : []));
  const outputs = references.flatMap((reference) => ('job_id' in reference ? [reference] : []));
  const found: InputFile[] = [];
  if (uploadIds.length > 0) found.push(...(await manager.query<InputFile[]>(selectUploads, [uploadIds])));
  if (outputs.length > 0) {
    found.push(
      ...(await manager.query<InputFile[]>(selectOutputs, [
        outputs.map(({ job_id }) => job_id),
        outputs.map(({ output }) => output),
      ])),
    );
  }
  return new Map(found.map((file) => [referenceKey(referenceOf(file)), file]));
}

function referenceOf({ upload_id, from_job_id = '', from_output = '' }: InputFile): ImageReference {
  return upload_id ? { upload_id } : { job_id: from_job_id, output: from_output };
}

// In the order of their ids, so that two jobs with the same images do not wait for each other.
const selectUploads = `select storage_key, sha256, bytes, format, id as upload_id
  from upload where id = any($1) order by id for key share`;

const selectOutputs = `select output.storage_key, output.sha256, output.bytes, output.format, job.id as from_job_id, output.name as from_output
  from unnest($1::uuid[], $2::text[]) as wanted(job_id, name)
  join job on job.id = wanted.job_id
  join output on output.job_id = job.id and output.name = wanted.name
  where output.status = 'completed' and output.storage_key is not null
  order by job.id for key share of job`;
