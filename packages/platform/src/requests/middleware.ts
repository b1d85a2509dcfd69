import { metrics, probeRoutes } from '@tintype/metrics';
import { whileActive } from '@tintype/tracing';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { v7 as uuidv7 } from 'uuid';
import type { Logger } from '../logging/logger.js';
import type { CounterOf, GaugeOf, HistogramOf } from '../metrics/typed.js';
import { endRequestSpan, startRequestSpan } from './request-span.js';

declare global {
  // The types of Express can be extended in no other way.
  namespace Express {
    interface Request {
      /** The client's `X-Request-Id`, or a new UUIDv7. */
      id: string;
      /** Writes lines that carry `request_id`. */
      log: Logger;
    }
  }
}

export interface RequestMetrics {
  readonly requests: CounterOf<typeof metrics.httpRequests>;
  readonly duration: HistogramOf<typeof metrics.httpRequestDuration>;
  readonly inFlight: GaugeOf<typeof metrics.httpRequestsInFlight>;
}

export interface RequestOptions {
  readonly logger: Logger;
  readonly metrics?: RequestMetrics | undefined;
  /** While true, answers ask the client to connect anew, which leads it to another replica. */
  readonly draining?: () => boolean;
}

type Method = (typeof metrics.httpRequests.labels.method)[number];
type StatusClass = (typeof metrics.httpRequestDuration.labels.status_class)[number];

const knownMethods: ReadonlySet<string> = new Set(metrics.httpRequests.labels.method);
const saneRequestId = /^[A-Za-z0-9_.:-]{1,128}$/;
/** Asked for every few seconds: logged only when they fail, not traced, and not timed, as a third of all series would be of them. */
const probes: ReadonlySet<string> = new Set(probeRoutes);
/** What nginx reports when the client closed the connection before it had the answer. */
const clientClosedRequest = 499;

/**
 * Gives a request its id and its log, and afterwards counts and logs it. It belongs before everything else, body parsers
 * included: what is refused there, and what matches no route, must count too.
 */
export function requestMiddleware(options: RequestOptions): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const started = performance.now();
    const given = request.get('x-request-id');
    request.id = given !== undefined && saneRequestId.test(given) ? given : uuidv7();
    request.log = options.logger.child({ request_id: request.id });
    response.setHeader('X-Request-Id', request.id);
    if (options.draining?.()) response.setHeader('Connection', 'close');
    options.metrics?.inFlight.inc();
    const span = probes.has(request.path) ? undefined : startRequestSpan(request, methodOf(request));
    // `close` follows `finish`, and comes alone when the client left.
    response.once('close', () => {
      const status = response.writableFinished || isEventStream(response) ? response.statusCode : clientClosedRequest;
      const seconds = (performance.now() - started) / 1000;
      const tell = () => {
        if (options.metrics) measure(options.metrics, request, response, status, seconds);
        logAccess(request, status, seconds);
      };
      if (!span) return tell();
      whileActive(span, tell);
      endRequestSpan(span, { method: methodOf(request), route: templateOf(request), status });
    });
    if (span) whileActive(span, next);
    else next();
  };
}

function measure(
  { requests, duration, inFlight }: RequestMetrics,
  request: Request,
  response: Response,
  status: number,
  seconds: number,
): void {
  const method = methodOf(request);
  const route = routeOf(request);
  requests.inc({ method, route, status_code: String(status) });
  const status_class = `${Math.floor(status / 100)}xx` as StatusClass;
  if (!probes.has(route) && !isEventStream(response)) duration.observe({ method, route, status_class }, seconds);
  inFlight.dec();
}

/** It has been answered when it begins; that it ends, and when, is up to its client. */
function isEventStream(response: Response): boolean {
  return response.get('content-type')?.startsWith('text/event-stream') ?? false;
}

function methodOf({ method }: Request): Method {
  return (knownMethods.has(method) ? method : '_OTHER') as Method;
}

/** The template, so that the label stays bounded; a raw path would make a series of every id and every scanner's guess. */
function routeOf(request: Request): string {
  return templateOf(request) ?? 'unmatched';
}

function templateOf(request: Request): string | undefined {
  const route: unknown = request.route;
  const path = typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined;
  return typeof path === 'string' ? request.baseUrl + path : undefined;
}

function logAccess(request: Request, status: number, seconds: number): void {
  const path = request.originalUrl.split('?', 1)[0] ?? '';
  const level = probes.has(path) && status < 400 ? 'debug' : 'info';
  const fields = { method: request.method, path, route: routeOf(request), status, duration_ms: Math.round(seconds * 1000) };
  request.log[level](fields, 'request');
}
