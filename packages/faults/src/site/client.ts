/** Clients as they should be: they name each request, and repeat it by that name until they know what came of it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Recipe } from './recipes.js';

export interface Accepted {
  readonly id: string;
  readonly recipe: Recipe;
  /** Its Idempotency-Key. */
  readonly key: string;
}

/** An answer of the API. `status` 0: none came. */
export interface Answer {
  readonly status: number;
  readonly ms: number;
  readonly retryAfter: string | null;
}

export interface SubmitOptions {
  /** How long to go on trying. Default: 60 000. */
  readonly patienceMs?: number;
  readonly key?: string;
  /** More of the job's document. */
  readonly more?: Readonly<Record<string, unknown>>;
}

const answerWithinMs = 35_000;
/** Larger images do not go into a JSON document. */
const maxInlineBytes = 48 * 1024;
const pauseMs = 100;

export class Client {
  /** Jobs that were answered with 202. */
  readonly accepted = new Map<string, Accepted>();
  /** Every answer to a submission, to each of its tries. */
  readonly answers: Answer[] = [];
  /** Requests that were not accepted in the time that they had. */
  givenUp = 0;
  /** Those of which it was never known whether they were accepted. */
  unknown = 0;

  /** `url`: of an API to ask now. */
  constructor(private readonly url: () => string) {}

  /** The job, when it was accepted; undefined when that was not to be had in time. */
  async submit(
    recipe: Recipe,
    { patienceMs = 60_000, key = randomUUID(), more = {} }: SubmitOptions = {},
  ): Promise<Accepted | undefined> {
    const init = withImage(recipe.source, { outputs: recipe.outputs, ...more });
    const headers = { ...init.headers, 'idempotency-key': `"${key}"` };
    const giveUpAt = performance.now() + patienceMs;
    let unknown = false;
    do {
      const answer = await this.request('/v1/jobs', { method: 'POST', ...init, headers });
      this.answers.push(answer);
      if (answer.status === 202) {
        const accepted = { id: (answer.body as { id: string }).id, recipe, key };
        this.accepted.set(accepted.id, accepted);
        return accepted;
      }
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 409 && answer.status !== 429) {
        throw new Error(`a job was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      unknown ||= answer.status === 0 || answer.status === 500;
      await sleep(pauseMs);
    } while (performance.now() < giveUpAt);
    this.givenUp += 1;
    if (unknown) this.unknown += 1;
    return undefined;
  }

  /** Up to `many` at a time, until `count` are answered; not sooner after one another than `everyMs`. */
  async submitAll(
    recipes: readonly Recipe[],
    count: number,
    { many = 8, everyMs = 0, ...options }: SubmitOptions & { readonly many?: number; readonly everyMs?: number } = {},
  ): Promise<void> {
    const began = performance.now();
    let next = 0;
    const one = async (): Promise<void> => {
      while (next < count) {
        const number = next++;
        const recipe = recipes[number % recipes.length];
        const waitMs = began + number * everyMs - performance.now();
        if (waitMs > 0) await sleep(waitMs);
        if (recipe) await this.submit(recipe, options);
      }
    };
    await Promise.all(Array.from({ length: many }, one));
  }

  /** Never rejects: without an answer the status is 0. */
  async request(path: string, init: RequestInit = {}): Promise<Answer & { readonly body: unknown }> {
    const began = performance.now();
    let answer: Answer & { readonly body: unknown };
    try {
      const response = await fetch(`${this.url()}${path}`, { ...init, signal: AbortSignal.timeout(answerWithinMs) });
      const text = await response.text();
      const retryAfter = response.headers.get('retry-after');
      answer = { status: response.status, ms: performance.now() - began, retryAfter, body: text && parsed(text) };
    } catch (error) {
      answer = { status: 0, ms: performance.now() - began, retryAfter: null, body: String(error) };
    }
    return answer;
  }

  /** Milliseconds within which that part of the answers came. */
  quantile(part: number): number {
    const sorted = this.answers.map(({ ms }) => ms).sort((a, b) => a - b);
    return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
  }

  /** How many answers had each status. */
  statuses(): Record<number, number> {
    const counts: Record<number, number> = {};
    for (const { status } of this.answers) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }
}

function withImage(
  image: Buffer,
  job: Readonly<Record<string, unknown>>,
): { headers?: Record<string, string>; body: string | FormData } {
  if (image.length <= maxInlineBytes) {
    const body = JSON.stringify({ source: { data: image.toString('base64') }, ...job });
    return { headers: { 'content-type': 'application/json' }, body };
  }
  const form = new FormData();
  form.set('job', JSON.stringify(job));
  form.set('file', new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), 'photo.jpg');
  return { body: form };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
