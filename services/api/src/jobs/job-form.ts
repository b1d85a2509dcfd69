import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { problem } from '../http/problems.js';
import { validate, validationFailed } from '../http/validation.js';
import type { FormReader } from '../uploads/multipart.js';
import type { StoredImage } from '../uploads/upload-store.js';
import { CreateJobOfFile } from './job-requests.js';
import { jobOfFields } from './short-form.js';

const maxJobBytes = 64 * 1024;

/**
 * `POST /v1/jobs` as a form: the part `file`, and either the part `job` or the fields of the short form, in any order. What is
 * wrong with a part is found when it arrives, so that a bad `job` does not wait for a large file.
 */
export class JobForm implements FormReader {
  private image: StoredImage | undefined;
  private sentJob: unknown;
  private job: CreateJobOfFile | undefined;
  private readonly fields = new Map<string, string>();
  private readonly seen = new Set<string>();

  constructor(private readonly store: (body: Readable) => Promise<StoredImage>) {}

  field(name: string, value: string): void {
    this.expectOnce(name);
    if (name === 'file') throw fault(name, 'must be a file: give the part a file name');
    if (name === 'job') this.takeJob(value);
    else this.fields.set(name, value);
  }

  async file(name: string, body: Readable): Promise<void> {
    this.expectOnce(name);
    if (name === 'file') this.image = await this.store(body);
    else if (name === 'job') this.takeJob(await textOf(body));
    else throw fault(name, 'is no part that may be a file');
  }

  /** What the form asks for, once it is read. Throws a 422 problem where parts are missing or do not go together. */
  request(): CreateJobOfFile {
    const [stray] = this.fields.keys();
    if (this.job && stray !== undefined) throw fault(stray, 'is not known beside job');
    return this.job ?? jobOfFields(this.fields);
  }

  /** What was sent, the file by its hash: forms of equal content ask for the same. */
  get content(): unknown {
    return { job: this.sentJob, fields: Object.fromEntries(this.fields), file: this.image?.sha256 };
  }

  /** The stored image of the part `file`. */
  requiredImage(): StoredImage {
    if (!this.image) throw fault('file', 'is required');
    return this.image;
  }

  private takeJob(json: string): void {
    this.sentJob = parseJob(json);
    this.job = validate(CreateJobOfFile, this.sentJob);
  }

  private expectOnce(name: string): void {
    if (this.seen.has(name)) throw fault(name, 'is there more than once');
    this.seen.add(name);
  }
}

function parseJob(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw problem('malformed_json', `The part job is no JSON: ${error instanceof Error ? error.message : ''}.`);
  }
}

async function textOf(body: Readable): Promise<string> {
  return text(limited(body));
}

async function* limited(body: Readable): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxJobBytes) throw problem('payload_too_large', `The part job may have ${maxJobBytes} bytes at most.`);
    yield chunk;
  }
}

function fault(name: string, detail: string): Error {
  return validationFailed([{ pointer: `/${name}`, code: 'invalid_part', detail }]);
}
