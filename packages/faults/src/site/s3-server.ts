/** versitygw, an S3 server over a directory, behind a relay that has bad days. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as ask, type Server, type ServerResponse } from 'node:http';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tintype/testing';
import { fair, type Weather } from '../changes/weather.js';
import { lastingPort } from './ports.js';
import type { Random } from './random.js';

const bucket = 'images';
const credentials = { accessKeyId: 'access', secretAccessKey: 'secret' };

export class S3Server {
  weather: Weather = fair;
  readonly #relay: Server;

  private constructor(
    private readonly process: ChildProcess,
    private readonly target: number,
    private readonly port: number,
    private readonly random: Random,
  ) {
    this.#relay = createServer((request, response) => void this.#pass(request, response));
  }

  static async start(directory: string, random: Random): Promise<S3Server> {
    const [objects, metadata] = [join(directory, 'objects'), join(directory, 'metadata')];
    // A directory in that of the server is a bucket.
    await Promise.all([mkdir(join(objects, bucket), { recursive: true }), mkdir(metadata, { recursive: true })]);
    const target = await lastingPort();
    const gateway = spawn('versitygw', ['--port', `127.0.0.1:${target}`, '--quiet', 'posix', '--sidecar', metadata, objects], {
      env: { ...process.env, ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
      stdio: 'ignore',
    });
    await eventually(() => fetch(`http://127.0.0.1:${target}`).then(() => true));
    const server = new S3Server(gateway, target, await lastingPort(), random);
    await once(server.#relay.listen(server.port, '127.0.0.1'), 'listening');
    return server;
  }

  /** For the services. */
  get env(): Record<string, string> {
    return {
      STORAGE_DRIVER: 's3',
      S3_BUCKET: bucket,
      S3_ENDPOINT: `http://127.0.0.1:${this.port}`,
      S3_ACCESS_KEY_ID: credentials.accessKeyId,
      S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      S3_FORCE_PATH_STYLE: 'true',
    };
  }

  async close(): Promise<void> {
    this.#relay.closeAllConnections();
    this.#relay.close();
    this.process.kill();
    await once(this.process, 'exit');
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { failing, delayMs, breakingOff } = this.weather;
    if (delayMs > 0) await sleep(delayMs);
    if (this.random.next() < failing) {
      request.resume();
      response.writeHead(this.random.next() < 0.5 ? 500 : 503).end();
      return;
    }
    const { method, url, headers } = request;
    const passed = ask({ host: '127.0.0.1', port: this.target, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      const breaksOff = method === 'GET' && this.random.next() < breakingOff;
      if (breaksOff)
        answer.once('data', (chunk: Buffer) => response.write(chunk.subarray(0, chunk.length / 2), () => response.destroy()));
      else answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  }
}
