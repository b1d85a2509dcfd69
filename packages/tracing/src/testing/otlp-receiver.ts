/** A receiver of OTLP over HTTP, as Tempo, Jaeger and the OpenTelemetry Collector are: it decodes what comes by the definitions of OTLP. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';
import { z } from 'zod';

const id = (bytes: number) =>
  z
    .instanceof(Uint8Array)
    .refine((value) => value.length === bytes)
    .transform((value) => Buffer.from(value).toString('hex'));
const milliseconds = z.string().transform((nanoseconds) => Number(BigInt(nanoseconds) / 1000n) / 1000);
const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

const attributes = z
  .array(
    z.object({
      key: z.string(),
      value: z.object({
        stringValue: z.string().optional(),
        boolValue: z.boolean().optional(),
        intValue: z.string().transform(Number).optional(),
        doubleValue: z.number().optional(),
      }),
    }),
  )
  .default([])
  .transform((pairs) =>
    Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value).find((one) => one !== undefined)])),
  );

const Span = z
  .object({
    traceId: id(16),
    spanId: id(8),
    parentSpanId: id(8).optional(),
    traceState: z.string().optional(),
    name: z.string().min(1),
    kind: z.int().transform((kind) => kinds[kind] ?? 'unspecified'),
    startTimeUnixNano: milliseconds,
    endTimeUnixNano: milliseconds,
    attributes,
    status: z.object({ code: z.int().default(0) }).default({ code: 0 }),
  })
  .transform(({ startTimeUnixNano: startMs, endTimeUnixNano: endMs, status, ...span }) => ({
    ...span,
    startMs,
    endMs,
    failed: status.code === 2,
  }));

const Request = z
  .object({
    resourceSpans: z.array(
      z.object({ resource: z.object({ attributes }), scopeSpans: z.array(z.object({ spans: z.array(Span) })) }),
    ),
  })
  .transform(({ resourceSpans }) =>
    resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, resource: resource.attributes }))),
    ),
  );

export type ReceivedSpan = z.output<typeof Request>[number];

export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  /** What was wrong with requests. */
  readonly faults: unknown[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      this.receive(request, response).catch((fault: unknown) => {
        this.faults.push(fault);
        response.writeHead(400).end();
      });
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OtlpReceiver(server);
  }

  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  of(traceId: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push({ path: request.url ?? '', headers: request.headers });
    const message = ExportTraceServiceRequest.decode(await buffer(request));
    this.spans.push(...Request.parse(ExportTraceServiceRequest.toObject(message, { longs: String })));
    response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
  }
}

const repeated = 'repeated' as const;

/** As opentelemetry/proto/{collector/trace,trace,resource,common}/v1 of OTLP 1.x number the fields, as far as they are looked at. */
const ExportTraceServiceRequest = protobuf.Root.fromJSON({
  nested: {
    ExportTraceServiceRequest: { fields: { resourceSpans: { rule: repeated, type: 'ResourceSpans', id: 1 } } },
    ResourceSpans: {
      fields: { resource: { type: 'Resource', id: 1 }, scopeSpans: { rule: repeated, type: 'ScopeSpans', id: 2 } },
    },
    Resource: { fields: { attributes: { rule: repeated, type: 'KeyValue', id: 1 } } },
    ScopeSpans: { fields: { spans: { rule: repeated, type: 'Span', id: 2 } } },
    Span: {
      fields: {
        traceId: { type: 'bytes', id: 1 },
        spanId: { type: 'bytes', id: 2 },
        traceState: { type: 'string', id: 3 },
        parentSpanId: { type: 'bytes', id: 4 },
        name: { type: 'string', id: 5 },
        kind: { type: 'int32', id: 6 },
        startTimeUnixNano: { type: 'fixed64', id: 7 },
        endTimeUnixNano: { type: 'fixed64', id: 8 },
        attributes: { rule: repeated, type: 'KeyValue', id: 9 },
        status: { type: 'Status', id: 15 },
      },
    },
    Status: { fields: { message: { type: 'string', id: 2 }, code: { type: 'int32', id: 3 } } },
    KeyValue: { fields: { key: { type: 'string', id: 1 }, value: { type: 'AnyValue', id: 2 } } },
    AnyValue: {
      fields: {
        stringValue: { type: 'string', id: 1 },
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
      },
    },
  },
}).lookupType('ExportTraceServiceRequest');
