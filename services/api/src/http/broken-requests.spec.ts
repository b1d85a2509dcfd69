import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { ProblemDocument } from '../docs/problem-document.js';
import { answerBrokenRequests } from './broken-requests.js';

const server = createServer({ connectionsCheckingInterval: 50, requestTimeout: 300 }, (request, response) => {
  if (request.url === '/begun') response.write('begun');
  request.resume();
});
answerBrokenRequests(server);

beforeAll(() => once(server.listen(0), 'listening'));
afterAll(() => server.close());

/** All that comes back until the connection ends. */
async function send(bytes: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port);
  socket.write(bytes);
  return text(socket);
}

test.each([
  ['headers that do not arrive', 'GET / HTTP/1.1\r\n', 408, 'request_timeout'],
  ['a body that does not arrive', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab', 408, 'request_timeout'],
  ['no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
  ['headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n`, 400, 'bad_request'],
])('%s get a problem', async (_, bytes, status, code) => {
  const [head = '', body = ''] = (await send(bytes)).split('\r\n\r\n');

  const document = ProblemDocument.parse(JSON.parse(body));
  expect(document).toMatchObject({ status, code });
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head).toContain('Content-Type: application/problem+json');
  expect(head).toContain(`Content-Length: ${body.length}`);
  expect(head).toContain(`X-Request-Id: ${document.request_id}`);
});

test('an answer that has begun gets no other', async () => {
  const answer = await send('POST /begun HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab');

  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(answer).not.toContain('problem');
});
