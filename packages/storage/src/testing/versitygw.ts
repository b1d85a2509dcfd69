import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Connection } from '../s3-client.js';

export interface Versitygw {
  readonly connection: S3Connection;
  stop(): Promise<void>;
}

const startMs = 10_000;

/** A real S3 server, which keeps its objects in a directory: `versitygw` of PATH. */
export async function startVersitygw(): Promise<Versitygw> {
  const directory = await mkdtemp(join(tmpdir(), 'versitygw-'));
  const [objects, metadata] = [join(directory, 'objects'), join(directory, 'metadata')];
  await Promise.all([mkdir(objects), mkdir(metadata)]);
  const address = `127.0.0.1:${await freePort()}`;
  const credentials = { accessKeyId: 'access', secretAccessKey: 'secret' };
  // Its metadata would be extended attributes, which not every file system of a temporary directory has.
  const server = spawn('versitygw', ['--port', address, '--quiet', 'posix', '--sidecar', metadata, objects], {
    env: { ...process.env, ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const exited = once(server, 'close');

  const endpoint = `http://${address}`;
  for (const deadline = Date.now() + startMs; !(await answers(endpoint)); await sleep(50)) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`versitygw does not start: ${complaint}`);
  }
  const stop = async (): Promise<void> => {
    server.kill();
    await exited;
    await rm(directory, { recursive: true });
  };
  return { connection: { endpoint, region: 'us-east-1', credentials, forcePathStyle: true }, stop };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
