/** The span of a request, by the conventions of OpenTelemetry for servers. Addresses of clients and queries of URLs stay out of it. */
import { failSpan, remoteSpan, type Span, SpanKind, startSpan } from '@tintype/tracing';
import type { Request } from 'express';

/** A part of its client's trace, where it has one. */
export function startRequestSpan(request: Request, method: string): Span {
  return startSpan(nameOf(method), {
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': method,
      'url.path': request.path,
      'url.scheme': request.protocol,
      'network.protocol.version': request.httpVersion,
      'tintype.request_id': request.id,
      ...(method === '_OTHER' && { 'http.request.method_original': request.method }),
    },
    parent: remoteSpan(request.get('traceparent'), request.get('tracestate')),
  });
}

/** Ends it when the answer has left, or the client has. */
export function endRequestSpan(
  span: Span,
  { method, route, status }: { readonly method: string; readonly route: string | undefined; readonly status: number },
): void {
  if (route !== undefined) {
    span.updateName(`${nameOf(method)} ${route}`);
    span.setAttribute('http.route', route);
  }
  span.setAttribute('http.response.status_code', status);
  // What a client has done wrong is no failure of the server.
  if (status >= 500) failSpan(span, String(status));
  span.end();
}

function nameOf(method: string): string {
  return method === '_OTHER' ? 'HTTP' : method;
}
