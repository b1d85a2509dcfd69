/** Requests as a client sends them: nothing is retried, so that whatever fails is seen. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { ingressPort } from './cluster.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as it is, also where a URL would make another of it. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface SiteOptions {
  readonly port: number;
  /** What the client calls it. Default: its address. */
  readonly host?: string;
  /** Whether connections are used again. Default: true. */
  readonly keepAlive?: boolean;
}

const timeoutMs = 30_000;

/** A server on this machine. */
export class Site {
  readonly #agent: Agent;

  constructor(private readonly options: SiteOptions) {
    this.#agent = new Agent({ keepAlive: options.keepAlive ?? true });
  }

  /** Rejects when the connection fails, or nothing has come for 30 s. */
  async send({ method = 'GET', path, headers = {}, body }: Request): Promise<Answer> {
    const { port, host } = this.options;
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, agent: this.#agent, method, path, headers: { ...(host && { Host: host }), ...headers } },
        (response) => {
          buffer(response).then(
            (content) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content }),
            reject,
          );
        },
      );
      sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`nothing came for ${timeoutMs / 1000} s`)));
      sent.once('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The way in from outside: the port of this machine that leads to the Ingress. */
export function ingress(options: Pick<SiteOptions, 'keepAlive'> = {}): Site {
  return new Site({ port: ingressPort, host: 'tintype.localhost', ...options });
}
