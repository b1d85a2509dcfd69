/** The server of somebody who wants to be told by webhook, on a bad day if need be. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Random } from './random.js';

/** What it does with a request: takes it, or one of many ways not to. */
export type Mood = 'takes' | 'fails' | 'stalls' | 'redirects' | 'resets';

interface Told {
  /** Of webhooks that it took. One, unless something is wrong. */
  readonly ids: ReadonlySet<string>;
  readonly times: number;
}

export class Receiver {
  readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
  /** By the id of the job. */
  readonly told = new Map<string, Told>();
  /** Requests in each mood. */
  readonly requests: Record<Mood, number> = { takes: 0, fails: 0, stalls: 0, redirects: 0, resets: 0 };
  /** Requests whose signature, or what it covers, was wrong. */
  readonly forged: string[] = [];
  /** Asked at each request. */
  mood: () => Mood = () => 'takes';
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#receive(request, response));
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await once(receiver.#server.listen(0, '127.0.0.1'), 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`;
  }

  /** From now on that part of the requests meets another mood than `takes`. */
  spoil(random: Random, part: number, moods: readonly Mood[]): void {
    this.mood = () => (random.next() < part ? (random.oneOf(moods) ?? 'takes') : 'takes');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mood = this.mood();
    this.requests[mood] += 1;
    try {
      const body = Buffer.concat(await request.toArray()).toString();
      if (mood === 'stalls') await sleep(5_000);
      if (mood === 'resets') return void request.socket.destroy();
      if (mood === 'takes') this.#take(request.headers as Record<string, string>, body);
      if (mood === 'redirects') response.setHeader('location', `${this.url}/elsewhere`);
      response.writeHead({ takes: 204, fails: 500, stalls: 204, redirects: 301 }[mood]).end();
    } catch {
      request.socket.destroy(); // Its sender has died.
    }
  }

  #take(headers: Record<string, string>, body: string): void {
    const id = headers['webhook-id'] ?? '';
    try {
      const { data } = new Webhook(this.secret).verify(body, headers) as { readonly data: { readonly id: string } };
      const { ids, times } = this.told.get(data.id) ?? { ids: new Set<string>(), times: 0 };
      this.told.set(data.id, { ids: new Set([...ids, id]), times: times + 1 });
    } catch (error) {
      this.forged.push(`${id}: ${String(error)}`);
    }
  }
}
