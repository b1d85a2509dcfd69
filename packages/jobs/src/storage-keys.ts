/** Where the files of uploads and jobs lie in the storage. Rows keep the key of each file, so that these may change. */
import type { Job } from './job.entity.js';

/** `id`: of the upload, or of a file that came with a job. */
export function uploadKey(id: string): string {
  return `uploads/${id}`;
}

/**
 * Of one output of one attempt: attempts never write to the same file. The last digits of an id are random and spread the
 * files over 256 directories; a directory for each job would cost more to make, durably, than many a file in it.
 */
export function outputKey(job: Pick<Job, 'id' | 'generation'>, name: string): string {
  return `outputs/${job.id.slice(-2)}/${job.id}-${job.generation}-${name}`;
}
