/** In processes of their own, as a process reads the authorities that it trusts when it starts. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Prints the body of the response, or the code of the fault. Every name is this machine. */
const program = `
  import { Outbound } from ${JSON.stringify(new URL('outbound.js', import.meta.url).href)};
  const lookup = (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
  const outbound = new Outbound({ allow: ['127.0.0.1'], lookup });
  const request = { connectTimeoutMs: 5000, headersTimeoutMs: 5000, signal: AbortSignal.timeout(5000) };
  const printed = await outbound.fetch(process.argv[1], request).then((response) => response.text(), (error) => error.cause.code);
  process.stdout.write(printed);
  await outbound.close();
`;

let directory: string;
let certificate: string;
let server: Server;
const asked: string[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tintype-tls-'));
  const key = join(directory, 'key.pem');
  certificate = join(directory, 'certificate.pem');
  const names = ['-subj', '/CN=pictures.example', '-addext', 'subjectAltName=DNS:pictures.example'];
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    certificate,
    ...names,
  ]);
  const identity = { key: await readFile(key), cert: await readFile(certificate) };
  server = createServer(
    {
      ...identity,
      SNICallback: (name, use) => {
        asked.push(name);
        use(null, createSecureContext(identity));
      },
    },
    (request, response) => response.end(`for ${request.headers.host}`),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => asked.splice(0));
afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

async function fetched(host: string, env: Readonly<Record<string, string>>): Promise<string> {
  const url = `https://${host}:${(server.address() as AddressInfo).port}/`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program, url], { env });
  return stdout.replace(/:\d+$/, '');
}

test('names the host to the server, and checks that its certificate is for that name', async () => {
  const trusting = { NODE_EXTRA_CA_CERTS: certificate };
  expect(await fetched('pictures.example', trusting)).toBe('for pictures.example');
  expect(asked).toEqual(['pictures.example']);
  expect(await fetched('other.example', trusting)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(await fetched('127.0.0.1', trusting)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(asked).toEqual(['pictures.example', 'other.example']);
});

test('does not take a certificate of nobody who is trusted', async () => {
  expect(await fetched('pictures.example', {})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
});
