/** A server that is none of ours: it has the files of a directory, and takes webhooks, as the page of examples says. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Message } from './page.js';

type Answer = (response: ServerResponse) => void;

const answers: Readonly<Record<string, Answer>> = {
  '/hooks': (response) => response.writeHead(204).end(),
  '/gone': (response) => response.writeHead(410).end(),
  '/busy': (response) => response.writeHead(503).end(),
  '/moved': (response) => response.writeHead(302, { Location: 'http://169.254.169.254/photo.jpg' }).end(),
  '/silent': () => {},
};

export class OtherServer {
  /** What was posted, in its order. */
  readonly requests: Message[] = [];

  private constructor(
    private readonly server: Server,
    private readonly directory: string,
  ) {}

  static async start(directory: string): Promise<OtherServer> {
    const server = createServer((request, response) => void other.answer(request, response));
    const other = new OtherServer(server, directory);
    server.listen(0, 'localhost');
    await once(server, 'listening');
    return other;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url: path = '/', headers } = request;
    if (method === 'POST') {
      const entries = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
      this.requests.push({ start: `POST ${path} HTTP/1.1`, headers: new Map(entries), body: await text(request) });
    }
    const answer = answers[path];
    if (answer) return answer(response);
    const file = await readFile(join(this.directory, basename(path))).catch(() => undefined);
    response.statusCode = file ? 200 : 404;
    response.end(file);
  }
}
