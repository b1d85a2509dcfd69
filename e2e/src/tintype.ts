/** A client of the API, wherever it runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Request, Site } from './site.js';

/** What the checks read of a job. */
export interface Job {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'canceled';
  readonly attempt: number;
  readonly error: { readonly code: string; readonly output: string | null } | null;
  readonly outputs: readonly JobOutput[];
}

export interface JobOutput {
  readonly name: string;
  readonly status: string;
  readonly url: string | null;
  readonly sha256: string | null;
  readonly value?: unknown;
  readonly error: { readonly code: string } | null;
}

export interface JobRequest {
  readonly outputs: readonly Readonly<Record<string, unknown>>[];
}

/** An answer of another status than the one that was due; its message tells which, and the code of the problem. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor(
    { method = 'GET', path }: Request,
    readonly status: number,
    readonly body: string,
  ) {
    super(`${method} ${path} was answered ${status} ${body.slice(0, 300)}`);
  }
}

export class Tintype {
  constructor(readonly site: Site) {}

  /** Resolves when the job is accepted. */
  async submit(picture: Buffer, job: JobRequest): Promise<Job> {
    const form = new FormData();
    form.set('job', JSON.stringify(job));
    form.set('file', new Blob([picture]), 'picture');
    const encoded = new Response(form);
    const answer = await this.#expect(202, {
      method: 'POST',
      path: '/v1/jobs',
      headers: { 'Content-Type': encoded.headers.get('content-type') ?? '' },
      body: Buffer.from(await encoded.arrayBuffer()),
    });
    return json(answer);
  }

  /** `waitSeconds`: for the end of the job, before it answers. */
  async find(id: string, waitSeconds = 0): Promise<Job> {
    return json(await this.#expect(200, { path: `/v1/jobs/${id}${waitSeconds ? `?wait=${waitSeconds}` : ''}` }));
  }

  /** The job, when it has ended in whatever way. */
  async finished({ id }: Pick<Job, 'id'>, timeoutMs = 60_000): Promise<Job> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const job = await this.find(id, 10);
      if (isFinal(job)) return job;
      if (performance.now() > deadline) throw new Error(`Job ${id} is still ${job.status} after ${timeoutMs / 1000} s`);
      await sleep(100);
    }
  }

  async download({ name, url, error }: JobOutput): Promise<Buffer> {
    if (url === null) throw new Error(`The output ${name} cannot be downloaded: ${error?.code ?? 'it is not completed'}`);
    return (await this.#expect(200, { path: url })).body;
  }

  async #expect(status: number, request: Request): Promise<Answer> {
    const answer = await this.site.send(request);
    if (answer.status !== status) throw new UnexpectedAnswer(request, answer.status, answer.body.toString());
    return answer;
  }
}

export function isFinal({ status }: Job): boolean {
  return status !== 'queued' && status !== 'running';
}

function json(answer: Answer): Job {
  return JSON.parse(answer.body.toString()) as Job;
}
