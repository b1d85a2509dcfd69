import type { ClaimedDelivery } from '@tintype/jobs';
import { failSpan, inSpan, remoteSpan, SpanKind } from '@tintype/tracing';
import type { WebhookAttemptResult } from './webhook-attempt.js';

/** One request to an endpoint, as a part of the trace of the job that it tells of. */
export function inDeliverySpan(
  { id, type, url, trace }: Pick<ClaimedDelivery, 'id' | 'type' | 'url' | 'trace'>,
  attempt: () => Promise<WebhookAttemptResult>,
): Promise<WebhookAttemptResult> {
  const { hostname, port, protocol } = new URL(url);
  const attributes = {
    'http.request.method': 'POST',
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.message.id': id,
    'tintype.webhook.type': type,
  };
  return inSpan('send webhook', { kind: SpanKind.PRODUCER, attributes, parent: remoteSpan(trace) }, async (span) => {
    const result = await attempt();
    if (result.statusCode !== undefined) span.setAttribute('http.response.status_code', result.statusCode);
    if (result.outcome !== 'delivered') failSpan(span, String(result.statusCode ?? (result.refused ? 'refused' : 'unreachable')));
    return result;
  });
}
