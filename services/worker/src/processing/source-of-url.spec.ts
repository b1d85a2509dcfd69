import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchedSourceKey, type Job, JobLeases } from '@tintype/jobs';
import { Output } from '@tintype/operations';
import { processSettings, loadSettings } from '@tintype/platform';
import { eventually, samples } from '@tintype/testing';
import { workerSettings } from '../settings.js';
import { type TestWorker, Workshop } from '../testing/workshop.js';
import { SourceOfUrl } from './source-of-url.js';

const maxBytes = 100_000;
const enabled = { SOURCE_URL_ENABLED: 'true', OUTBOUND_ALLOW: '127.0.0.1/32', UPLOAD_MAX_BYTES: String(maxBytes) };
const photo = await samples.photo();
const large = Buffer.concat([photo], maxBytes + 1);

/** A server of pictures. Its paths say what goes wrong. */
class Pictures {
  readonly requests: IncomingMessage[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests.push(request);
      void this.#answer(request.url ?? '', response);
    });
  }

  static async open(): Promise<Pictures> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Pictures(server);
  }

  url(path: string, host = '127.0.0.1'): string {
    return `http://${host}:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  asked(path: string): IncomingMessage[] {
    return this.requests.filter(({ url }) => url === path);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    const redirects = /^\/redirects\/(\d)$/.exec(path);
    if (redirects) {
      const left = Number(redirects[1]);
      response.writeHead(302, { Location: left > 1 ? `/redirects/${left - 1}` : 'photo.jpg' }).end();
    } else if (path.endsWith('photo.jpg')) {
      response.end(photo);
    } else if (path === '/inside') {
      response.writeHead(307, { Location: this.url('/photo.jpg', '127.0.0.2') }).end();
    } else if (path === '/elsewhere') {
      response.writeHead(302, { Location: 'ftp://127.0.0.1/photo.jpg' }).end();
    } else if (/^\/status\/\d+$/.test(path)) {
      response.writeHead(Number(path.split('/')[2])).end('no');
    } else if (path === '/recovers') {
      if (this.asked(path).length === 1) response.writeHead(503).end();
      else response.end(photo);
    } else if (path === '/large') {
      // That is enough to know.
      response.writeHead(200, { 'Content-Length': large.length }).flushHeaders();
    } else if (path === '/large-without-length') {
      response.write(large.subarray(0, 10));
      response.end(large.subarray(10));
    } else if (path === '/text') {
      response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(await samples.text());
    } else if (path === '/empty') {
      response.writeHead(204).end();
    } else if (path === '/broken') {
      response.writeHead(200, { 'Content-Length': photo.length });
      response.write(photo.subarray(0, 100), () => response.destroy());
    } else if (path === '/drip') {
      for (const byte of photo) {
        if (response.destroyed) return;
        response.write(Buffer.of(byte));
        await sleep(20);
      }
    }
  }
}

let pictures: Pictures;
beforeEach(async () => (pictures = await Pictures.open()));
afterEach(() => pictures.close());

/** With jobs of two attempts, as the pauses between them grow. */
async function openWorkshop(): Promise<Workshop> {
  const shop = await Workshop.open();
  await shop.dataSource.query('alter table job alter column max_attempts set default 2');
  return shop;
}

function submit(shop: Workshop, url: string): Promise<Job> {
  return shop.intake.create({ source: { url }, outputs: [Output.parse({ name: 'a', operations: [] })] });
}

async function uploads(shop: Workshop): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of shop.storage.list('uploads/')) keys.push(key);
  return keys;
}

describe('a worker that may fetch sources', () => {
  let shop: Workshop;
  let worker: TestWorker;
  beforeAll(async () => {
    shop = await openWorkshop();
    worker = await shop.worker('real', { ...enabled, INPUT_FORMATS: 'jpeg,png' });
  });
  afterAll(() => shop.close());
  const left: string[] = [];
  afterEach(async () => {
    // Of the attempts that failed nothing is stored.
    expect((await uploads(shop)).filter((key) => !left.includes(key))).toEqual([]);
  });

  test.each(['/photo.jpg', '/redirects/1', '/redirects/3'])('stores and processes the image of %s', async (path) => {
    const job = await submit(shop, pictures.url(path));
    const ended = await shop.ended(job);
    const storageKey = fetchedSourceKey({ id: job.id, generation: 1 });
    left.push(storageKey);
    expect(ended).toMatchObject({ status: 'completed', attempt: 1, sourceWidth: 640, outputs: [{ width: 640 }] });
    expect(ended.inputs).toMatchObject([
      {
        url: pictures.url(path),
        storageKey,
        bytes: photo.length,
        format: 'jpeg',
        sha256: createHash('sha256').update(photo).digest('hex'),
      },
    ]);
    expect(await shop.bytes(storageKey)).toEqual(photo);
    expect(pictures.requests.at(-1)?.headers).toMatchObject({ 'user-agent': 'Tintype', 'accept-encoding': 'identity' });
  });

  test.each([
    ['/redirects/4', 'source_not_found', 'The server redirects more than 3 times'],
    ['/inside', 'source_forbidden_address', '127.0.0.2 leads to an address that must not be asked'],
    ['/elsewhere', 'source_forbidden_address', '127.0.0.1 is not asked by http or https'],
    ['/status/404', 'source_not_found', 'The server answers with status 404'],
    ['/status/401', 'source_not_found', 'The server answers with status 401'],
    ['/status/304', 'source_not_found', 'The server answers with status 304'],
    ['/empty', 'source_not_found', 'The server answers without a file'],
    ['/large', 'source_too_large', 'It has more than 100000 bytes'],
    ['/large-without-length', 'source_too_large', 'It has more than 100000 bytes'],
    ['/text', 'unsupported_format', 'Not an image in one of the formats jpeg, png'],
  ])('fails a job at once whose source is %s', async (path, errorCode, errorDetail) => {
    const ended = await shop.ended(await submit(shop, pictures.url(path)));
    expect(ended).toMatchObject({ status: 'failed', attempt: 1, errorCode, errorDetail });
    expect(ended.inputs).toMatchObject([{ storageKey: null, format: null }]);
    expect(pictures.asked(path)).toHaveLength(1);
  });

  test('fails a job at once whose source is inside, without asking for it', async () => {
    const { hostname, port } = new URL(pictures.url('/', '127.0.0.2'));
    const ended = await shop.ended(await submit(shop, `http://${hostname}:${port}/photo.jpg`));
    expect(ended).toMatchObject({ status: 'failed', attempt: 1, errorCode: 'source_forbidden_address' });
    expect(pictures.requests).toEqual([]);
  });

  test('tries again when the server could not answer, and goes on with what it then gets', async () => {
    const job = await submit(shop, pictures.url('/recovers'));
    const tried = await shop.when(job, ({ attempt, status }) => attempt === 1 && status === 'queued');
    expect(tried).toMatchObject({ lastErrorCode: 'source_unavailable', lastErrorDetail: 'The server answers with status 503' });
    expect(await shop.ended(job)).toMatchObject({ status: 'completed', attempt: 2 });
    left.push(fetchedSourceKey({ id: job.id, generation: 2 }));
    expect(pictures.asked('/recovers')).toHaveLength(2);
    expect(worker.records()).toContainEqual(expect.objectContaining({ job: job.id, outcome: 'retried', level: 'warn' }));
  });

  test.each(['/status/500', '/status/429', '/status/408', '/broken'])(
    'gives a job up whose source is %s when it was tried often enough',
    async (path) => {
      const ended = await shop.ended(await submit(shop, pictures.url(path)));
      expect(ended).toMatchObject({ status: 'failed', attempt: 2, errorCode: 'source_unavailable' });
      expect(pictures.asked(path)).toHaveLength(2);
    },
  );

  test('gives a job up whose server is not there', async () => {
    const url = pictures.url('/photo.jpg');
    pictures.close();
    expect(await shop.ended(await submit(shop, url))).toMatchObject({
      status: 'failed',
      attempt: 2,
      errorCode: 'source_unavailable',
    });
  });

  test.each(['/silence', '/drip'])('stops to fetch %s within a second when a client cancels the job', async (path) => {
    const job = await submit(shop, pictures.url(path));
    const request = await eventually(() => pictures.asked(path)[0]);
    expect(await shop.read(job)).toMatchObject({ status: 'running', stage: 'fetch' });
    const closed = once(request.socket, 'close');
    const asked = performance.now();
    expect(await shop.intake.cancel(job.id)).toBe('canceling');
    expect(await shop.ended(job)).toMatchObject({ status: 'canceled', attempt: 0 });
    await closed;
    expect(performance.now() - asked).toBeLessThan(1_500);
  });
});

describe('a worker', () => {
  let shop: Workshop;
  beforeEach(async () => (shop = await openWorkshop()));
  afterEach(() => shop.close());

  test.each(['/silence', '/drip'])('gives up a source that takes too long: %s', async (path) => {
    await shop.worker('real', { ...enabled, SOURCE_TIMEOUT_SECONDS: '1' });
    const job = await submit(shop, pictures.url(path));
    const tried = await shop.when(job, ({ attempt, status }) => attempt === 1 && status === 'queued');
    expect(tried).toMatchObject({ lastErrorCode: 'source_timeout', lastErrorDetail: 'It took more than 1 s' });
    expect(await shop.ended(job)).toMatchObject({ status: 'failed', attempt: 2, errorCode: 'source_timeout' });
    expect(await uploads(shop)).toEqual([]);
  });

  test.each(['/silence', '/drip'])('gives a job back when it stops while it fetches %s', async (path) => {
    const worker = await shop.worker('real', { ...enabled, DRAIN_SECONDS: '0' });
    const job = await submit(shop, pictures.url(path));
    await eventually(() => pictures.asked(path)[0]);
    expect(await worker.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await shop.read(job)).toMatchObject({ status: 'queued', attempt: 0, crashCount: 0 });
    expect(worker.records()).toContainEqual(expect.objectContaining({ job: job.id, outcome: 'released' }));
  });

  test('fetches nothing where that is not turned on', async () => {
    await shop.worker('real', { OUTBOUND_ALLOW: '127.0.0.1/32' });
    const ended = await shop.ended(await submit(shop, pictures.url('/photo.jpg')));
    expect(ended).toMatchObject({
      status: 'failed',
      errorCode: 'source_unavailable',
      errorDetail: 'The worker fetches no sources',
    });
    expect(pictures.requests).toEqual([]);
  });

  test('fetches a source once, however often the job is tried', async () => {
    const worker = await shop.worker('mischief', enabled);
    const job = await shop.intake.create({
      source: { url: pictures.url('/photo.jpg') },
      outputs: [Output.parse({ name: 'exit', operations: [] })],
    });
    expect(await shop.ended(job)).toMatchObject({ status: 'failed', errorCode: 'worker_crashed', attempt: 2 });
    expect(pictures.requests).toHaveLength(1);
    expect(await uploads(shop)).toEqual([fetchedSourceKey({ id: job.id, generation: 1 })]);
    expect(worker.records()).toContainEqual(expect.objectContaining({ job: job.id, outcome: 'crashed' }));
  });

  test('keeps nothing that it has fetched for a job that is another worker’s meanwhile', async () => {
    const leases = new JobLeases(shop.dataSource);
    const settings = loadSettings({ ...processSettings, ...workerSettings }, { ...shop.env, ...enabled });
    const sources = new SourceOfUrl(leases, shop.storage, settings);
    await submit(shop, pictures.url('/photo.jpg'));
    const token = '7f1f0dd4-7a2a-4d8a-9a39-6f3b8ad7b0f1';
    const [job] = await leases.claim(1, { workerId: 'here', leaseSeconds: 30, token });
    const signal = new AbortController().signal;
    const late = { ...job!, leaseToken: '0b2f0dd4-7a2a-4d8a-9a39-6f3b8ad7b0f2' };
    await expect(sources.stored(late, signal)).rejects.toThrow('The lease was lost');
    expect(await uploads(shop)).toEqual([]);
    expect(await sources.stored(job!, signal)).toMatchObject([{ format: 'jpeg', bytes: photo.length }]);
    expect(await uploads(shop)).toEqual([fetchedSourceKey(job!)]);
    await sources.onApplicationShutdown();
  });
});
