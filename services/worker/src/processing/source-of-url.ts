/** Sources that jobs name by a URL. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type ClaimedJob, fetchedSourceKey, type JobErrorCode, type JobInput, JobLeases, type StoredFile } from '@tintype/jobs';
import { announcedFormat, sniffedBytes } from '@tintype/operations';
import { ForbiddenAddressError, isTimeout, Outbound } from '@tintype/outbound';
import { failSpan, inSpan, SpanKind } from '@tintype/tracing';
import { FileTooLargeError, IncomingFile, type Storage } from '@tintype/storage';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { STORAGE } from '../storage/storage.module.js';
import { patiently, recordPatienceMs } from './patience.js';

const maxRedirects = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Statuses below 500 after which the same request may succeed. */
const passing: ReadonlySet<number> = new Set([408, 429]);

type Response = Awaited<ReturnType<Outbound['fetch']>>;

/** Why a source could not be fetched. Whether another attempt may do so is told by the code. */
export class SourceError extends Error {
  override readonly name = 'SourceError';

  constructor(
    readonly code: Extract<JobErrorCode, `source_${string}`>,
    /** For the client: nothing of our network. */
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${detail}`, options);
  }
}

/** Fetches them, once for all attempts of a job. */
@Injectable()
export class SourceOfUrl implements OnApplicationShutdown {
  readonly #outbound: Outbound;

  constructor(
    private readonly leases: JobLeases,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(SETTINGS) private readonly settings: WorkerSettings,
  ) {
    this.#outbound = new Outbound({ allow: settings.OUTBOUND_ALLOW });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#outbound.close();
  }

  /**
   * The inputs of a job, of which the first is stored now, too. Rejects with the reason of `signal`, and with a SourceError, an
   * ImageError or a StorageError; then it has left nothing.
   */
  async stored({ inputs, ...job }: ClaimedJob, signal: AbortSignal): Promise<JobInput[]> {
    const [source, ...others] = inputs;
    if (source === undefined || source.url === null || source.storageKey !== null) return inputs;
    const file = await this.#fetch(source.url, fetchedSourceKey(job), signal);
    if (await patiently(recordPatienceMs, () => this.leases.sourceFetched(job.id, job.leaseToken, file))) {
      return [{ ...source, ...file }, ...others];
    }
    // Nobody knows of it: the job is another worker's now.
    await this.storage.delete([file.storageKey]).catch(() => undefined);
    throw new Error('The lease was lost while the source was fetched');
  }

  async #fetch(url: string, storageKey: string, attempt: AbortSignal): Promise<StoredFile> {
    const { SOURCE_URL_ENABLED, SOURCE_TIMEOUT_SECONDS } = this.settings;
    if (!SOURCE_URL_ENABLED) throw new SourceError('source_unavailable', 'The worker fetches no sources');
    const signal = AbortSignal.any([attempt, AbortSignal.timeout(SOURCE_TIMEOUT_SECONDS * 1000)]);
    try {
      return await this.#store(await this.#respond(url, signal), storageKey, signal);
    } catch (error) {
      throw sourceErrorFor(error, SOURCE_TIMEOUT_SECONDS);
    }
  }

  /** The response that has the file. */
  async #respond(url: string, signal: AbortSignal, redirectsLeft = maxRedirects): Promise<Response> {
    // Images are compressed already.
    const headers = { Accept: 'image/*', 'Accept-Encoding': 'identity' };
    const timeoutMs = this.settings.SOURCE_TIMEOUT_SECONDS * 1000;
    const timeouts = { connectTimeoutMs: timeoutMs, headersTimeoutMs: timeoutMs };
    const response = await inFetchSpan(url, () => this.#outbound.fetch(url, { headers, ...timeouts, signal }));
    if (response.ok) return response;
    await response.body?.cancel().catch(() => undefined);
    const { status } = response;
    const location = response.headers.get('location');
    if (!redirects.has(status) || location === null) throw refusalOf(status);
    if (redirectsLeft === 0) throw new SourceError('source_not_found', `The server redirects more than ${maxRedirects} times`);
    if (!URL.canParse(location, url))
      throw new SourceError('source_not_found', 'The server redirects to something that is no URL');
    return this.#respond(new URL(location, url).href, signal, redirectsLeft - 1);
  }

  async #store({ headers, body }: Response, storageKey: string, signal: AbortSignal): Promise<StoredFile> {
    if (body === null) throw new SourceError('source_not_found', 'The server answers without a file');
    const { UPLOAD_MAX_BYTES, INPUT_FORMATS } = this.settings;
    const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
    try {
      if (Number(headers.get('content-length')) > UPLOAD_MAX_BYTES) throw new FileTooLargeError(UPLOAD_MAX_BYTES);
      const file = await IncomingFile.begin(chunks, sniffedBytes);
      const format = announcedFormat(file.head, INPUT_FORMATS);
      await this.storage.put(storageKey, file.body(UPLOAD_MAX_BYTES), { signal });
      return { storageKey, format, bytes: file.bytes, sha256: file.sha256() };
    } finally {
      // It rejects with the fault of a broken connection, which is known by now.
      await chunks.return?.().catch(() => undefined);
    }
  }
}

/** No `traceparent` goes with it: whose trace it is is nothing to a stranger's server. */
function inFetchSpan(url: string, fetch: () => Promise<Response>): Promise<Response> {
  const { origin, pathname, hostname, port, protocol } = new URL(url);
  const attributes = {
    'http.request.method': 'GET',
    // Its query may hold a key to it.
    'url.full': origin + pathname,
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  };
  return inSpan('GET', { kind: SpanKind.CLIENT, attributes }, async (span) => {
    const response = await fetch();
    span.setAttribute('http.response.status_code', response.status);
    if (response.status >= 400) failSpan(span, String(response.status));
    return response;
  });
}

function refusalOf(status: number): SourceError {
  const detail = `The server answers with status ${status}`;
  return new SourceError(status >= 500 || passing.has(status) ? 'source_unavailable' : 'source_not_found', detail);
}

/** What is not the fault of the other server stays as it is. */
function sourceErrorFor(error: unknown, timeoutSeconds: number): unknown {
  if (error instanceof FileTooLargeError) {
    return new SourceError('source_too_large', `It has more than ${error.maxBytes} bytes`);
  }
  if (error instanceof ForbiddenAddressError) return new SourceError('source_forbidden_address', error.message);
  if (isTimeout(error)) return new SourceError('source_timeout', `It took more than ${timeoutSeconds} s`, { cause: error });
  // As `fetch` reports every fault of the network.
  if (error instanceof TypeError) return new SourceError('source_unavailable', 'The server cannot be reached', { cause: error });
  return error;
}
