/** Uploads as rude clients send them: far too large, slow, and broken off. */
import { eventually } from '@tintype/testing';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { photo } from '../spec/requests.js';

const mebibyte = 1024 * 1024;
const formHead = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n';
const formType = 'multipart/form-data; boundary=b';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start({ UPLOAD_MAX_BYTES: String(5 * mebibyte) });
});
afterAll(() => api.close());
afterEach(async () => {
  // Whatever happened to an upload, nothing is left of it.
  await eventually(async () => (await api.storedKeys()).length === 0);
  expect(await api.rows('upload')).toBe(0);
  expect(await api.rows('job')).toBe(0);
});

/** A JPEG that goes on and on. */
async function* image(bytes: number, onChunk: (sent: number) => unknown = () => undefined): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.concat([photo], 256 * 1024);
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    await onChunk(sent);
    yield chunk;
  }
}

function startUpload(path: string, contentType: string, headers: Record<string, string> = {}): ClientRequest {
  return httpRequest(`${api.url}${path}`, { method: 'POST', headers: { 'Content-Type': contentType, ...headers } });
}

/** curl sends from a file, as users do; resolves to the status and the code of the answer that it shows. */
async function curl(...args: string[]): Promise<{ status: string; code: unknown }> {
  const child = execFile('curl', ['--silent', '--show-error', '--max-time', '30', '--write-out', '\n%{http_code}', ...args]);
  child.stdin?.on('error', () => undefined);
  Readable.from(image(50 * mebibyte))
    .on('error', () => undefined)
    .pipe(child.stdin as NodeJS.WritableStream);
  const [stdout, stderr] = await Promise.all([text(child.stdout as Readable), text(child.stderr as Readable)]);
  const [body = '', status = ''] = stdout.split(/\n(?=\d+$)/);
  if (!body) throw new Error(`curl showed no answer: ${stderr}`);
  return { status, code: (JSON.parse(body) as { code: unknown }).code };
}

test.each([
  ['/v1/uploads', 'image/jpeg', ''],
  ['/v1/uploads', formType, formHead],
  ['/v1/jobs', formType, formHead],
])('a body of 50 MB to %s as %s is cut off at the limit', async (path, contentType, head) => {
  let sent = 0;
  async function* body(): AsyncGenerator<Uint8Array> {
    if (head) yield Buffer.from(head);
    yield* image(50 * mebibyte, async (bytes) => {
      sent = bytes;
      await new Promise((resolve) => setImmediate(resolve));
    });
  }
  const init = {
    method: 'POST',
    headers: { 'Content-Type': contentType },
    body: body() as unknown as ReadableStream,
    duplex: 'half',
  };

  const answer = await api.fetch(path, init as RequestInit);

  await expectProblem(answer, 413, 'payload_too_large');
  expect(answer.headers.get('connection')).toBe('close');
  expect(sent).toBeLessThan(45 * mebibyte);
});

describe('curl shows the answer although it is still sending', () => {
  const chunked = ['--header', 'Transfer-Encoding: chunked', '--header', 'Expect:'];
  const file = ['--data-binary', '@-'];

  test('413 for a body without a length', async () => {
    const args = [
      ...chunked,
      '--header',
      'Content-Type: image/jpeg',
      '--upload-file',
      '-',
      '--request',
      'POST',
      `${api.url}/v1/uploads`,
    ];
    expect(await curl(...args)).toEqual({ status: '413', code: 'payload_too_large' });
  });

  test('413 for a body whose length is declared, before any of it is read', async () => {
    const args = [...file, '--header', 'Expect:', '--header', 'Content-Type: image/jpeg', `${api.url}/v1/uploads`];
    expect(await curl(...args)).toEqual({ status: '413', code: 'payload_too_large' });
  });

  test('413 for a form', async () => {
    expect(await curl('--header', 'Expect:', '--form', 'file=@-;filename=a.jpg', `${api.url}/v1/jobs`)).toEqual({
      status: '413',
      code: 'payload_too_large',
    });
  });

  test('415 for a wrong type, 404 for a wrong path, 405 for a wrong method', async () => {
    const plain = [...file, '--header', 'Content-Type: text/plain'];
    expect(await curl(...plain, `${api.url}/v1/jobs`)).toEqual({ status: '415', code: 'unsupported_media_type' });
    expect(await curl(...plain, `${api.url}/v1/nothing`)).toEqual({ status: '404', code: 'not_found' });
    expect(await curl(...plain, `${api.url}/v1/operations`)).toEqual({ status: '405', code: 'method_not_allowed' });
  });
});

test('a client that asks before it sends is refused without sending, and one that may send is told to', async () => {
  const tooLarge = startUpload('/v1/uploads', 'image/jpeg', { Expect: '100-continue', 'Content-Length': String(50 * mebibyte) });
  const continued = jest.fn();
  tooLarge.on('continue', continued).flushHeaders();
  const [refusal] = (await once(tooLarge, 'response')) as [{ statusCode: number }];
  expect(refusal.statusCode).toBe(413);
  expect(continued).not.toHaveBeenCalled();
  tooLarge.destroy();

  const short = startUpload('/v1/uploads', 'image/jpeg', { Expect: '100-continue', 'Content-Length': '5' });
  short.flushHeaders();
  await once(short, 'continue');
  short.end('hello');
  const [answer] = (await once(short, 'response')) as [{ statusCode: number }];
  expect(answer.statusCode).toBe(415);
  short.destroy();
});

test.each([
  ['/v1/uploads', 'image/jpeg', ''],
  ['/v1/uploads', formType, formHead],
  ['/v1/jobs', formType, formHead],
])('an upload to %s as %s that its client breaks off leaves nothing', async (path, contentType, head) => {
  const incomplete = await rejected('incomplete');
  const upload = startUpload(path, contentType, { 'X-Request-Id': `broken-${path.length}-${contentType.length}` });
  upload.on('error', () => undefined);
  upload.write(head);
  for await (const chunk of image(2 * mebibyte)) upload.write(chunk);
  await eventually(async () => (await temporaryFiles()) > 0);

  upload.destroy();

  await eventually(async () => (await rejected('incomplete')) === incomplete + 1);
  expect(await temporaryFiles()).toBe(0);
});

test('a connection on which a small form was refused halfway can be used again', async () => {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  try {
    let answers = '';
    socket.on('data', (data) => (answers += String(data)));
    const begin = `--b\r\nContent-Disposition: form-data; name="job"\r\n\r\n{}\r\n${formHead}`;
    const rest = Buffer.concat([photo], 60_000);
    const length = begin.length + rest.length;
    socket.write(`POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: ${formType}\r\nContent-Length: ${length}\r\n\r\n${begin}`);
    await eventually(() => answers.includes('HTTP/1.1 422'));

    socket.write(rest);
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => answers.includes('HTTP/1.1 200'));
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 422', 'HTTP/1.1 200']);
  } finally {
    socket.destroy();
  }
});

test('a client that refuses to stop sending is cut off', async () => {
  // It does not even close when the server does.
  const socket = connect({ port: Number(new URL(api.url).port), host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write('POST /v1/uploads HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100000000\r\n\r\n');
  const drip = setInterval(() => socket.write('x'), 50);
  let answer = '';
  socket.on('data', (data) => (answer += String(data)));
  await new Promise((resolve) => socket.on('close', resolve));
  clearInterval(drip);
  expect(answer).toMatch(/^HTTP\/1.1 415/);
}, 15_000);

async function rejected(reason: string): Promise<number> {
  const metrics = await (await api.fetch('/metrics')).text();
  return Number(new RegExp(`image_uploads_rejected_total{reason="${reason}"} (\\d+)`).exec(metrics)?.[1]);
}

async function temporaryFiles(): Promise<number> {
  return (await readdir(`${api.storageDirectory}/.tmp`).catch(() => [])).length;
}
