/** A client of the API that says what it expects. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface Request {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly form?: FormData;
  readonly signal?: AbortSignal;
}

/** What is read of a job. */
export interface Job {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'canceled';
  readonly outputs: readonly { readonly name: string; readonly url: string | null }[];
}

export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

const answerWithinMs = 30_000;
const endWithinMs = 60_000;

export class Visitor {
  /** `url`: of an API to ask now. `signal`: ends whatever is under way. */
  constructor(
    private readonly url: () => string,
    private readonly signal?: AbortSignal,
  ) {}

  /** Rejects when no answer comes, or one of another status than these. */
  async ask(
    path: string,
    expected: number | readonly number[],
    { method, headers, json, form, signal }: Request = {},
  ): Promise<Answer> {
    const body = form ?? (json === undefined ? undefined : JSON.stringify(json));
    const verb = method ?? (body === undefined ? 'GET' : 'POST');
    const signals = [AbortSignal.timeout(answerWithinMs), signal, this.signal].filter((each) => each !== undefined);
    const response = await fetch(`${this.url()}${path}`, {
      method: verb,
      headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
      signal: AbortSignal.any(signals),
      redirect: 'manual',
    });
    const answer = { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
    if (![expected].flat().includes(answer.status)) {
      throw new UnexpectedAnswer(`${verb} ${path} was answered ${answer.status} ${answer.body.toString().slice(0, 200)}`);
    }
    return answer;
  }

  async job(request: Request, expected: number | readonly number[] = [200, 202]): Promise<Job> {
    return parsed(await this.ask('/v1/jobs', expected, { method: 'POST', ...request }));
  }

  /** The job, when it has ended in whatever way. */
  async ended({ id }: Pick<Job, 'id'>): Promise<Job> {
    const giveUpAt = performance.now() + endWithinMs;
    for (;;) {
      const job = parsed<Job>(await this.ask(`/v1/jobs/${id}?wait=5`, 200));
      if (job.status !== 'queued' && job.status !== 'running') return job;
      if (performance.now() > giveUpAt) throw new UnexpectedAnswer(`job ${id} is still ${job.status}`);
      await sleep(50);
    }
  }

  /** The id of an upload. */
  async upload(picture: Buffer): Promise<string> {
    return parsed<{ id: string }>(await this.ask('/v1/uploads', [200, 201], { form: formOf(picture) })).id;
  }
}

export function parsed<T>({ body }: Answer): T {
  return JSON.parse(body.toString()) as T;
}

/** A file with fields beside it. */
export function formOf(picture: Buffer, fields: Readonly<Record<string, string>> = {}): FormData {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(picture)]), 'picture');
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}
