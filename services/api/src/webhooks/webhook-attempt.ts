/** One request to an endpoint, by Standard Webhooks 1.0.0. */
import type { AttemptResult, ClaimedDelivery } from '@tintype/jobs';
import { ForbiddenAddressError, isTimeout, type Outbound } from '@tintype/outbound';
import { activeTraceparent } from '@tintype/tracing';
import { Webhook } from 'standardwebhooks';

type Response = Awaited<ReturnType<Outbound['fetch']>>;

export type WebhookAttemptResult = AttemptResult & {
  /** It leads to an address that must not be asked: nothing was sent. */
  readonly refused: boolean;
};

interface AttemptOptions {
  readonly outbound: Outbound;
  /** For the whole, from the name of the server to its answer. */
  readonly timeoutMs: number;
  /** Ends it without a result. */
  readonly signal: AbortSignal;
}

/** Longer is nothing but a server that is not there. */
const connectTimeoutMs = 5_000;
const shownBytes = 1024;

/** Rejects only when `signal` aborts. */
export async function attemptWebhook(
  { id, url, secrets, body }: Pick<ClaimedDelivery, 'id' | 'url' | 'secrets' | 'body'>,
  { outbound, timeoutMs, signal }: AttemptOptions,
): Promise<WebhookAttemptResult> {
  const begun = performance.now();
  const traceparent = activeTraceparent();
  try {
    const response = await outbound.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signedHeaders(id, body, secrets), ...(traceparent && { traceparent }) },
      body,
      connectTimeoutMs: Math.min(connectTimeoutMs, timeoutMs),
      headersTimeoutMs: timeoutMs,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return {
      outcome: response.ok ? 'delivered' : response.status === 410 ? 'gone' : 'failed',
      refused: false,
      statusCode: response.status,
      response: await beginningOf(response),
      retryAfterSeconds: retryAfter(response.headers.get('retry-after')),
      durationMs: performance.now() - begun,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    const refused = error instanceof ForbiddenAddressError;
    return { outcome: 'failed', refused, error: reasonOf(error), durationMs: performance.now() - begun };
  }
}

function signedHeaders(id: string, body: string, secrets: readonly string[]): Record<string, string> {
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
  };
}

/** What the status says counts, whatever becomes of the rest. */
async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= shownBytes) break;
    }
  } catch {
    // As far as it came.
  }
  // PostgreSQL stores no NUL in a text.
  return Buffer.concat(chunks).subarray(0, shownBytes).toString().replaceAll('\0', '\uFFFD');
}

/** In seconds; a header that is neither seconds nor a date counts for nothing. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return seconds > 0 ? seconds : undefined;
}

function reasonOf(error: unknown): string {
  if (error instanceof ForbiddenAddressError) return error.message;
  if (isTimeout(error)) return 'took too long to answer';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return 'could not be asked';
  return 'code' in cause && typeof cause.code === 'string'
    ? `could not be asked: ${cause.code}`
    : `could not be asked: ${cause.message}`;
}
