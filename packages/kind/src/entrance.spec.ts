import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { entrance, type Entrance, send } from './entrance.js';
import { processSample } from './sample-job.js';

test('the URL has the port that Docker maps, unless it is that of HTTP', () => {
  expect(
    entrance('tintype.localhost', '6443/tcp -> 127.0.0.1:38333\n443/tcp -> 127.0.0.1:443\n80/tcp -> 127.0.0.1:80\n'),
  ).toEqual({
    host: 'tintype.localhost',
    port: 80,
    url: 'http://tintype.localhost',
  });
  expect(entrance('tintype.localhost', '80/tcp -> 127.0.0.1:8080\n')).toMatchObject({
    port: 8080,
    url: 'http://tintype.localhost:8080',
  });
  expect(() => entrance('tintype.localhost', '6443/tcp -> 127.0.0.1:38333\n')).toThrow(
    'Port 80 of no node is mapped to this machine',
  );
});

describe('with a server in place of the cluster', () => {
  const signal = AbortSignal.timeout(20_000);
  let server: Server;
  let way: Entrance;
  let seen: string[];
  let answers: [status: number, body: object | string][];

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      void record(request).then(() => {
        const [status, body] = answers.shift() ?? [500, 'nothing more to say'];
        response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    way = entrance('tintype.localhost', `80/tcp -> 127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => server.close());

  async function record(request: IncomingMessage): Promise<void> {
    seen.push(
      `${request.method} ${request.url} ${request.headers.host} ${(await text(request)).length > 0 ? 'with a body' : ''}`.trim(),
    );
  }

  test('requests name the host, without asking a resolver', async () => {
    answers = [[200, 'fine']];
    const { status, body } = await send(way, '/docs');

    expect([status, body.toString()]).toEqual([200, 'fine']);
    expect(seen).toEqual(['GET /docs tintype.localhost']);
  });

  const job = { id: '1', error: null, outputs: [{ url: '/v1/jobs/1/outputs/image', media_type: 'image/jpeg' }] };

  test('the sample job waits for the way in to open and for the job to finish, and fetches the result', async () => {
    answers = [
      [404, '404 page not found'],
      [200, { openapi: '3.1.0' }],
      [202, { ...job, status: 'running' }],
      [200, { ...job, status: 'completed' }],
      [200, 'twelve bytes'],
    ];

    await expect(processSample(way, signal)).resolves.toMatch('became image/jpeg of 12 bytes, job 1');
    expect(seen.slice(1)).toEqual([
      'GET /openapi.json tintype.localhost',
      'POST /v1/jobs tintype.localhost with a body',
      'GET /v1/jobs/1?wait=10 tintype.localhost',
      'GET /v1/jobs/1/outputs/image tintype.localhost',
    ]);
  });

  test('a sample job that fails is told with its error', async () => {
    answers = [
      [200, { openapi: '3.1.0' }],
      [200, { ...job, status: 'failed', error: { code: 'memory_limit_exceeded' } }],
    ];
    await expect(processSample(way, signal)).rejects.toThrow(
      'The sample job 1 ended as failed: {"code":"memory_limit_exceeded"}',
    );
  });

  test('a refusal of the sample job is quoted', async () => {
    answers = [
      [200, { openapi: '3.1.0' }],
      [503, { code: 'storage_unavailable' }],
    ];
    await expect(processSample(way, signal)).rejects.toThrow(
      'The API answered 503 to the sample job: {"code":"storage_unavailable"}',
    );
  });
});
