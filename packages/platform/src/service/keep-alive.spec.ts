import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { keepAlive } from './keep-alive.js';

const server = createServer({ connectionsCheckingInterval: 50, requestTimeout: 500 }, (request, response) => {
  request.resume().on('end', () => response.end('whole'));
});
keepAlive(server, 2);

beforeAll(() => once(server.listen(0), 'listening'));
afterAll(() => server.close());

/** What comes back until the server closes the connection, and after how many milliseconds it does. */
async function converse(...parts: readonly { readonly afterMs?: number; readonly send: string }[]) {
  const began = performance.now();
  const socket = connect((server.address() as AddressInfo).port);
  const answer = text(socket);
  for (const { afterMs = 0, send } of parts) {
    await delay(afterMs);
    socket.write(send);
  }
  return {
    statuses: [...(await answer).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ms: performance.now() - began,
  };
}

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('an idle connection is kept that long, although a request may take less', async () => {
  const { statuses, ms } = await converse({ send: request }, { afterMs: 1500, send: request });

  expect(statuses).toEqual(['200', '200']);
  expect(ms).toBeGreaterThan(3400);
}, 10_000);

test.each([
  ['headers', 'GET / HTTP/1.1\r\n'],
  ['body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab'],
])('a request whose %s do not arrive is given up when its own time is over', async (_part, send) => {
  const { statuses, ms } = await converse({ send });

  expect(statuses).toEqual(['408']);
  expect(ms).toBeLessThan(1500);
});
