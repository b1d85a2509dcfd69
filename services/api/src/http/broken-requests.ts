/** Requests that Node.js gives up before a route can answer them: they do not arrive in time, or are not HTTP. */
import type { Problem } from '@tintype/platform';
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { v7 as uuidv7 } from 'uuid';
import { problem } from './problems.js';

/** Answers them with problem documents as well, where an answer is still possible. */
export function answerBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // As Node.js does without a listener: behind the beginning of another answer a second one would only confuse.
    const { _httpMessage: answer } = socket as Socket & { readonly _httpMessage?: ServerResponse };
    if (socket.writable && error.code !== 'ECONNRESET' && !answer?.headersSent) socket.write(answerTo(error));
    socket.destroySoon();
  });
}

function answerTo(error: NodeJS.ErrnoException): string {
  const fault = faultOf(error);
  const requestId = uuidv7();
  const body = JSON.stringify(fault.document(requestId));
  return [
    `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function faultOf({ code }: NodeJS.ErrnoException): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problem('request_timeout', 'It did not arrive in time.');
  if (code === 'HPE_HEADER_OVERFLOW') return problem('bad_request', 'Its headers are too long.');
  return problem('bad_request', 'It is not HTTP.');
}
