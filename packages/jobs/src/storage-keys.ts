/** Where the files of uploads and jobs lie in the storage. Rows keep the key of each file, so that these may change. */
import type { Job } from './job.entity.js';

/** `id`: of the upload, or of a file that came with a job. */
export function uploadKey(id: string): string {
  return `uploads/${id}`;
}

/** Of a source that an attempt fetches by its URL. The id leads whoever finds the file to its job. */
export function fetchedSourceKey({ id, generation }: Pick<Job, 'id' | 'generation'>): string {
  return `uploads/${id}-${generation}`;
}

/**
 * Of one output of one attempt: attempts never write to the same file. The last digits of an id are random and spread the
 * files over 256 directories; a directory for each job would cost more to make, durably, than many a file in it.
 */
export function outputKey(job: Pick<Job, 'id' | 'generation'>, name: string): string {
  return `outputs/${job.id.slice(-2)}/${job.id}-${job.generation}-${name}`;
}

/** Whose file it is. */
export interface FileOwner {
  /** Of an upload, or of a job. */
  readonly id: string;
  /** Of the attempt that stored it; null for a file that came from a client. */
  readonly generation: number | null;
  /** When it got its id. */
  readonly createdAt: Date;
}

const idStart = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{10}';
const ofGeneration = '-(?<generation>[0-9]{1,9})';
const keys = [
  new RegExp(`^uploads/(?<id>${idStart}[0-9a-f]{2})(?:${ofGeneration})?$`),
  new RegExp(`^outputs/(?<end>[0-9a-f]{2})/(?<id>${idStart}\\k<end>)${ofGeneration}-[\\w-]+$`),
];

/** Undefined for a key of another shape: such a file is none of ours. */
export function ownerOf(key: string): FileOwner | undefined {
  const { id, generation } = keys.map((shape) => shape.exec(key)?.groups).find((groups) => groups !== undefined) ?? {};
  if (id === undefined) return undefined;
  const milliseconds = Number.parseInt(id.slice(0, 13).replace('-', ''), 16);
  return { id, generation: generation === undefined ? null : Number(generation), createdAt: new Date(milliseconds) };
}
