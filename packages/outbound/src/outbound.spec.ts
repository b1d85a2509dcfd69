import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { ForbiddenAddressError } from './forbidden-address-error.js';
import { isTimeout, type Lookup, Outbound, type OutboundRequest } from './outbound.js';

const patient: OutboundRequest = { connectTimeoutMs: 5_000, headersTimeoutMs: 5_000, signal: new AbortController().signal };
const loopback = ['127.0.0.0/8', '::1'];

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

function outbound(allow: readonly string[], lookup?: Lookup): Outbound {
  const created = new Outbound({ allow, ...(lookup && { lookup }) });
  open.push(created);
  return created;
}

async function listening<Any extends TcpServer>(server: Any, host?: string): Promise<Any> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, host);
  await once(server, 'listening');
  open.push({
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  return server;
}

/** On every address of this machine. */
function serving(answer: RequestListener): Promise<Server> {
  return listening(createServer(answer));
}

function portOf(server: TcpServer): number {
  return (server.address() as AddressInfo).port;
}

function answering(...addresses: LookupAddress[][]): Lookup & { asked: number } {
  const lookup = (_host: string, _options: unknown, callback: Parameters<Lookup>[2]): void => {
    callback(null, addresses[lookup.asked] ?? []);
    lookup.asked += 1;
  };
  lookup.asked = 0;
  return lookup;
}

describe('refuses without a connection', () => {
  let server: Server;
  let connections = 0;
  beforeEach(async () => {
    server = await serving((_request, response) => response.end());
    connections = 0;
    server.on('connection', () => (connections += 1));
  });

  test.each([
    // Loopback, in every spelling that a URL knows.
    '127.0.0.1',
    '127.1',
    '127.255.255.254',
    '127.0.0.1.',
    '2130706433',
    '017700000001',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '0x7F.1',
    '%31%32%37.0.0.1',
    '127。0。0。1',
    '①②⑦.0.0.1',
    'localhost',
    'LOCALHOST',
    // The unspecified address is this machine, too.
    '0.0.0.0',
    '0',
    '0.1.2.3',
    // Private, shared, link-local.
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '169.254.169.254',
    '0xa9fea9fe',
    // Reserved, for documentation, benchmarks and multicast.
    '192.0.0.8',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '198.19.255.255',
    '192.88.99.1',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    // IPv6.
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[fe80::1]',
    '[fec0::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[100::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[2001:2::1]',
    '[2001:10::1]',
    '[5f00::1]',
    '[4000::1]',
    // IPv4 within IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP.
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:8.8.8.8]',
    '[::127.0.0.1]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::808:808]',
    '[64:ff9b:1::a00:1]',
    '[2002:7f00:1::]',
    '[2002:808:808::1]',
    '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
    '[2606:4700::5efe:7f00:1]',
    '[2606:4700::200:5efe:10.0.0.1]',
  ])('http://%s', async (host) => {
    const { port } = server.address() as AddressInfo;
    await expect(outbound([]).fetch(`http://${host}:${port}/`, patient)).rejects.toThrow(ForbiddenAddressError);
    expect(connections).toBe(0);
  });

  test.each([
    ['ftp://example.com/', 'example.com is not asked by http or https'],
    ['file:///etc/passwd', ' is not asked by http or https'],
    ['http://user@example.com/', 'example.com is asked with a user name or password in the URL'],
    ['https://:secret@example.com/', 'example.com is asked with a user name or password in the URL'],
    ['http://127.0.0.1:25/', '127.0.0.1:25 has a port that is not for HTTP'],
    ['http://127.0.0.1:6667/', '127.0.0.1:6667 has a port that is not for HTTP'],
  ])('%s', async (url, message) => {
    await expect(outbound(loopback).fetch(url, patient)).rejects.toMatchObject({ name: 'ForbiddenAddressError', message });
  });

  test('a name of which one address is not public', async () => {
    const lookup = answering([
      { address: '1.1.1.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
    const url = `http://two.example:${portOf(server)}/`;
    await expect(outbound([], lookup).fetch(url, patient)).rejects.toThrow(new ForbiddenAddressError('two.example'));
    expect(connections).toBe(0);
  });
});

describe('tells beforehand', () => {
  test.each([
    'http://127.1/',
    'http://[::1]:8080/',
    'https://169.254.169.254/latest',
    'http://localhost/',
    'http://a.localhost/',
    'ftp://example.com/',
    'http://user@example.com/',
  ])('that %s would be refused', (url) => {
    expect(outbound([]).refusal(url)).toBeInstanceOf(ForbiddenAddressError);
  });

  test('nothing against a name, a public address, or what the operator allows', () => {
    for (const url of ['https://example.com/', 'https://1.1.1.1/', 'http://10.0.0.1/', 'http://localhost:8080/']) {
      expect(outbound(['10.0.0.0/8', 'localhost']).refusal(url)).toBeUndefined();
    }
  });
});

test('asks what the operator allows, by address and by name', async () => {
  const server = await serving((request, response) => response.end(`${request.method} ${request.headers.host} ${request.url}`));
  const port = portOf(server);
  for (const [allow, host] of [
    ['127.0.0.0/8', '127.0.0.1'],
    ['minio.internal', 'minio.internal'],
  ] as const) {
    const lookup = answering([{ address: '127.0.0.1', family: 4 }]);
    const response = await outbound([allow], lookup).fetch(`http://${host}:${port}/a?b`, patient);
    expect(await response.text()).toBe(`GET ${new URL(`http://${host}`).host}:${port} /a?b`);
  }
});

test('sends method, headers and body, and says who it is', async () => {
  const server = await serving(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    response.end(JSON.stringify({ ...request.headers, method: request.method, body }));
  });
  const url = `http://127.0.0.1:${portOf(server)}/`;
  const request = { ...patient, method: 'POST', headers: { 'Webhook-Id': '7' }, body: '{"a":1}' } as const;
  expect(await (await outbound(loopback).fetch(url, request)).json()).toMatchObject({
    method: 'POST',
    body: '{"a":1}',
    'content-length': '7',
    'webhook-id': '7',
    'user-agent': 'Tintype',
  });
  const named = { ...patient, headers: { 'User-Agent': 'Other' } };
  expect(await (await outbound(loopback).fetch(url, named)).json()).toMatchObject({ 'user-agent': 'Other' });
});

test('connects to the address that was looked at, whatever the name server says next', async () => {
  const server = await serving((request, response) => response.end(request.socket.localAddress));
  const lookup = answering([{ address: '127.0.0.1', family: 4 }], [{ address: '127.0.0.2', family: 4 }]);
  const rebound = outbound(['127.0.0.1'], lookup);
  const url = `http://rebinding.example:${portOf(server)}/`;
  expect(await (await rebound.fetch(url, patient)).text()).toContain('127.0.0.1');
  expect(lookup.asked).toBe(1);
  server.closeAllConnections();
  await expect(rebound.fetch(url, patient)).rejects.toThrow(new ForbiddenAddressError('rebinding.example'));
  expect(lookup.asked).toBe(2);
});

test('looks at the address once more when it is connected', async () => {
  let requests = 0;
  const server = await serving((_request, response) => {
    requests += 1;
    response.end();
  });
  let reads = 0;
  const changing = {
    family: 4,
    get address() {
      reads += 1;
      return reads === 1 ? '127.0.0.2' : '127.0.0.1';
    },
  };
  const connected = once(server, 'connection');
  await expect(
    outbound(['127.0.0.2'], answering([changing])).fetch(`http://changing.example:${portOf(server)}/`, patient),
  ).rejects.toThrow(new ForbiddenAddressError('changing.example'));
  await connected;
  expect(requests).toBe(0);
});

test('tries the next address of a name when one cannot be reached', async () => {
  const server = await listening(
    createServer((_request, response) => response.end('here')),
    '127.0.0.1',
  );
  const lookup = answering([
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ]);
  const response = await outbound(loopback, lookup).fetch(`http://two.example:${portOf(server)}/`, patient);
  expect(await response.text()).toBe('here');
});

test('keeps connections for later requests', async () => {
  const server = await serving((request, response) => response.end(String(request.socket.remotePort)));
  const url = `http://127.0.0.1:${portOf(server)}/`;
  const keeping = outbound(loopback);
  const ports = new Set<string>();
  for (let round = 0; round < 10; round += 1) ports.add(await (await keeping.fetch(url, patient)).text());
  expect(ports.size).toBeLessThan(5);
});

test.each([301, 302, 303, 307, 308])('follows no redirect with %d', async (status) => {
  let requests = 0;
  const server = await serving((_request, response) => {
    requests += 1;
    response.writeHead(status, { Location: '/next' }).end();
  });
  const response = await outbound(loopback).fetch(`http://127.0.0.1:${portOf(server)}/`, patient);
  expect([response.status, response.headers.get('location')]).toEqual([status, '/next']);
  await response.body?.cancel();
  expect(requests).toBe(1);
});

describe('gives up', () => {
  test('a name that does not resolve in time', async () => {
    const failed = await outbound([], () => undefined)
      .fetch('http://silent.example/', { ...patient, connectTimeoutMs: 100 })
      .catch((error: unknown) => error);
    expect(isTimeout(failed)).toBe(true);
  }, 10_000);

  test('a server that does not answer a TLS handshake', async () => {
    const server = await listening(createTcpServer(() => undefined));
    const failed = await outbound(loopback)
      .fetch(`https://127.0.0.1:${portOf(server)}/`, { ...patient, connectTimeoutMs: 100 })
      .catch((error: unknown) => error);
    expect(isTimeout(failed)).toBe(true);
  }, 10_000);

  test('a server that does not answer a request', async () => {
    const server = await serving(() => undefined);
    const failed = await outbound(loopback)
      .fetch(`http://127.0.0.1:${portOf(server)}/`, { ...patient, headersTimeoutMs: 100 })
      .catch((error: unknown) => error);
    expect(isTimeout(failed)).toBe(true);
  }, 10_000);

  test('a body when its signal says so', async () => {
    const server = await serving((_request, response) => response.write('some'));
    const signal = AbortSignal.timeout(300);
    const response = await outbound(loopback).fetch(`http://127.0.0.1:${portOf(server)}/`, { ...patient, signal });
    const failed = await response.text().catch((error: unknown) => error);
    expect(isTimeout(failed)).toBe(true);
  });

  test('a request when its signal says so, with its reason', async () => {
    const server = await serving(() => undefined);
    const giveUp = new AbortController();
    server.on('request', () => giveUp.abort('enough'));
    const asked = outbound(loopback).fetch(`http://127.0.0.1:${portOf(server)}/`, { ...patient, signal: giveUp.signal });
    await expect(asked).rejects.toBe('enough');
  });

  test('a server that is not there, which is no matter of time', async () => {
    const server = await serving(() => undefined);
    const port = portOf(server);
    server.close();
    const failed = await outbound(loopback)
      .fetch(`http://127.0.0.1:${port}/`, patient)
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(TypeError);
    expect(isTimeout(failed)).toBe(false);
  });
});
