/** A server of a client, on this machine, that is sent webhooks. The API needs OUTBOUND_ALLOW for it: `allowReceivers`. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export const allowReceivers = { OUTBOUND_ALLOW: '127.0.0.0/8' };

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Answers a request, or lets it hang. `times`: how often its webhook-id has come, from 1. */
export type Answer = (response: ServerResponse, times: number, webhook: ReceivedWebhook) => unknown;

export class WebhookReceiver {
  /** All that has come, oldest first. */
  readonly received: ReceivedWebhook[] = [];

  private constructor(
    private readonly server: Server,
    public answer: Answer,
  ) {}

  /** Default: takes everything. */
  static async start(answer: Answer = (response) => response.end()): Promise<WebhookReceiver> {
    const server = createServer((request, response) => void receiver.receive(request, response));
    const receiver = new WebhookReceiver(server, answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = request.headers as Record<string, string>;
    const webhook = { path: request.url ?? '', headers, body: await text(request) };
    this.received.push(webhook);
    const times = this.received.filter((earlier) => earlier.headers['webhook-id'] === headers['webhook-id']).length;
    this.answer(response, times, webhook);
  }
}
