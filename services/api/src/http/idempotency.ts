/** The `Idempotency-Key` request header: a request that is sent again, because its answer was lost, creates nothing again. */
import { Injectable } from '@nestjs/common';
import {
  type BegunRequest,
  IdempotencyKeyLostError,
  IdempotencyKeys,
  type HeldKey,
  type IdempotencyAnswer,
  type IdempotentRoute,
} from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Request } from 'express';
import { createHash } from 'node:crypto';
import { problem } from './problems.js';

/** For so long a key stays with a process that is gone; one that is alive holds it for as long as its request takes. */
const holdSeconds = 30;

/** What has become of a key with a request of a certain content. */
export interface KeyedContent {
  /** The id of what an earlier, equal request created: then nothing is to be created. */
  readonly earlier?: string;
  /** To be stored with what is created. Neither is there for a request without a key. */
  readonly idempotency?: IdempotencyAnswer;
}

/** The key of one request, or that it has none. */
export class RequestKey {
  /** `answered`: is told what a known key has led to. */
  constructor(
    private readonly begun?: Exclude<BegunRequest, { state: 'in_progress' }>,
    private readonly answered?: (outcome: 'replayed' | 'different') => void,
  ) {}

  /** Whether an earlier request with the key has created something. */
  get isAnswered(): boolean {
    return this.begun?.state === 'answered';
  }

  /**
   * `content`: all that was sent, before defaults that another version may not have are filled in. Throws a 422 problem when the
   * earlier request with the key had another.
   */
  of(content: unknown): KeyedContent {
    if (!this.begun) return {};
    const fingerprint = fingerprintOf(content);
    if (this.begun.state === 'held') return { idempotency: { ...this.begun.held, fingerprint } };
    const isEqual = this.begun.fingerprint === fingerprint;
    this.answered?.(isEqual ? 'replayed' : 'different');
    if (isEqual) return { earlier: this.begun.id };
    throw problem('idempotency_key_reused', 'A new request needs a new key.');
  }
}

@Injectable()
export class Idempotency {
  constructor(
    private readonly keys: IdempotencyKeys,
    @InjectMetric(metrics.idempotentRequests.name) private readonly known: CounterOf<typeof metrics.idempotentRequests>,
  ) {}

  /**
   * Runs `create` while no other request with the same key is answered, and frees the key when it creates nothing. It throws a 400
   * problem for a malformed key and a 409 one while another request has it; both before the body is read.
   */
  async run<Created>(request: Request, route: IdempotentRoute, create: (key: RequestKey) => Promise<Created>): Promise<Created> {
    const header = request.get('idempotency-key');
    if (header === undefined) return create(new RequestKey());
    const begun = await this.keys.begin(route, parseIdempotencyKey(header), holdSeconds);
    if (begun.state === 'in_progress') throw this.inProgress();
    const holding = begun.state === 'held' ? setInterval(() => this.extend(begun.held), (holdSeconds * 1000) / 3) : undefined;
    try {
      return await create(new RequestKey(begun, (outcome) => this.known.inc({ outcome })));
    } catch (error) {
      if (begun.state === 'held') await this.release(begun.held);
      throw error instanceof IdempotencyKeyLostError ? this.inProgress() : error;
    } finally {
      clearInterval(holding);
    }
  }

  /** Where that fails for too long the request creates nothing. */
  private extend(held: HeldKey): void {
    this.keys.extend(held, holdSeconds).catch(() => undefined);
  }

  /** Where the database cannot be asked, the key frees itself later. One that stands for something stays as it is. */
  private async release(held: HeldKey): Promise<void> {
    await this.keys.release(held).catch(() => undefined);
  }

  private inProgress(): Error {
    this.known.inc({ outcome: 'in_progress' });
    return problem('idempotency_in_progress', 'Ask again for its answer.', { headers: { 'Retry-After': '1' } });
  }
}

/** A string of RFC 9651: visible ASCII and spaces between quotes, where `\` escapes itself and quotes. */
const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
const bare = /^[!#-~]+$/;
const maxLength = 255;

/** The key in the quotes of the header, or the header as it is where it has none. Throws a 400 problem. */
export function parseIdempotencyKey(header: string): string {
  const key = quoted.exec(header)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? bare.exec(header)?.[0] ?? '';
  if (key.length >= 1 && key.length <= maxLength) return key;
  throw problem(
    'bad_request',
    `Idempotency-Key must be one string of 1 to ${maxLength} visible ASCII characters in double quotes.`,
  );
}

/** Equal for documents that differ in nothing but the order of their properties. */
function fingerprintOf(content: unknown): string {
  const json = JSON.stringify(content, (_, value: unknown) => (isObject(value) ? sorted(value) : value));
  return createHash('sha256').update(json).digest('hex');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(object: object): object {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
