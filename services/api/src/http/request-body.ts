/** When a request's body is asked for, and what becomes of one that nobody wants to read to its end. */
import { json, type Request, type Response } from 'express';
import type { Server } from 'node:http';
import { incompleteBody, problem } from './problems.js';

/** How long a refused client may go on sending before its connection is cut. */
const lingerMs = 5_000;
/** A rest of this size is not worth a connection, which goes on after it. */
const smallBodyBytes = 64 * 1024;

/**
 * Leaves `100 Continue` to those who read a body: a client that asks first (`Expect: 100-continue`, as curl does) learns of a
 * wrong type, size or path without having sent the file.
 */
export function continueOnDemand(server: Server): void {
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
}

/** To be called right before a body is read. */
export function expectBody(request: Request, response: Response): void {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
}

/** The length that the client declares: undefined for a body in chunks. */
export function declaredBytes(request: Request): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** Reads bodies of `maxBytes` at most. */
export function jsonReader(maxBytes: number): (request: Request, response: Response) => Promise<unknown> {
  const parse = json({ limit: maxBytes, type: () => true, inflate: false, strict: false });
  return async (request, response) => {
    if ((declaredBytes(request) ?? 0) > maxBytes) throw jsonTooLarge(maxBytes);
    expectBody(request, response);
    await new Promise<void>((resolve, reject) => {
      parse(request, response, (error: unknown) => (error ? reject(toProblem(error, maxBytes)) : resolve()));
    });
    return request.body;
  };
}

export const readJson = jsonReader(128 * 1024);

/** What body-parser throws, by its documented `type`. */
function toProblem(error: unknown, maxBytes: number): unknown {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') return jsonTooLarge(maxBytes);
  if (type === 'request.aborted' || type === 'request.size.invalid') return incompleteBody();
  if (type === 'charset.unsupported' || type === 'encoding.unsupported') {
    return problem('unsupported_media_type', 'JSON is accepted as UTF-8 and without Content-Encoding.');
  }
  if (error instanceof SyntaxError) return problem('malformed_json', `${error.message}.`);
  return error;
}

function jsonTooLarge(maxBytes: number): Error {
  return problem('payload_too_large', `A JSON body may have ${maxBytes} bytes at most here: send large images as a file.`);
}

/**
 * Makes an answer reach a client that is still sending: the rest of the body is thrown away, and after a large one the
 * connection is closed once the client has stopped or its time is up. Closing at once instead would reset the connection while
 * bytes arrive, and a client that sees a reset throws the answer away.
 */
export function discardBody(request: Request, response: Response): void {
  if (request.complete) return;
  request.unpipe();
  request.resume();
  if (response.headersSent || !hasLargeBody(request)) return;
  response.setHeader('Connection', 'close');
  const { socket } = request;
  // Node calls this when the answer is written; of a connection marked to close it would be the end.
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
    request.once('close', () => {
      clearTimeout(timer);
      socket.destroy();
    });
  };
}

function hasLargeBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || (declaredBytes(request) ?? 0) > smallBodyBytes;
}
