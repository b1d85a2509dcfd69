/** Who is called: the webhook receiver of Alertmanager, which keeps what came and when. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Notification {
  readonly status: 'firing' | 'resolved';
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, all three. `startsAt`: when it began to fire. */
  readonly startsAt: number;
  readonly receivedAt: number;
}

/** As Alertmanager sends it. */
interface Message {
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved';
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly startsAt: string;
  }[];
}

export class Inbox {
  readonly notifications: Notification[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#receive(request).then(
        () => response.writeHead(204).end(),
        () => response.writeHead(400).end(),
      );
    });
  }

  static async open(): Promise<Inbox> {
    const inbox = new Inbox();
    await once(inbox.#server.listen(0, '127.0.0.1'), 'listening');
    return inbox;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** The first one of an alert since then, with these labels among its own. */
  find(
    status: Notification['status'],
    alert: string,
    since: number,
    labels: Readonly<Record<string, string>> = {},
  ): Notification | undefined {
    return this.notifications.find(
      (each) =>
        each.status === status &&
        each.alert === alert &&
        each.receivedAt >= since &&
        Object.entries(labels).every(([name, value]) => each.labels[name] === value),
    );
  }

  clear(): void {
    this.notifications.length = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const receivedAt = Date.now();
    const { alerts } = JSON.parse(await text(request)) as Message;
    for (const { status, labels, annotations, startsAt } of alerts) {
      const alert = labels['alertname'] ?? '';
      this.notifications.push({ status, alert, labels, annotations, startsAt: Date.parse(startsAt), receivedAt });
    }
  }
}
