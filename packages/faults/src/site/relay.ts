import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { Transform } from 'node:stream';

type Line = 'open' | 'silent';

/** A TCP relay in front of a server, whose line can fail as lines do. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #line: Line = 'open';
  #delayMs = 0;

  private constructor(
    private readonly target: { readonly host: string; readonly port: number },
    readonly port: number,
  ) {
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Resolves to the relay and to `url` through it. */
  static async to(url: string, port: number): Promise<{ relay: Relay; url: string }> {
    const relayed = new URL(url);
    const relay = new Relay({ host: relayed.hostname, port: Number(relayed.port) }, port);
    await once(relay.#server.listen(port, '127.0.0.1'), 'listening');
    relayed.port = String(port);
    return { relay, url: relayed.href };
  }

  /** From now on nothing comes through, and nobody is told: as with a firewall that forgets its connections. */
  silence(): void {
    this.#line = 'silent';
    for (const socket of this.#sockets) socket.unpipe();
    for (const socket of this.#sockets) socket.resume();
  }

  /** From now on whatever a client sends comes that much later: a server that has become slow, or far. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** What was swallowed is lost: connections of that time break as soon as anybody uses them. */
  mend(): void {
    const wasWhole = this.#line === 'open';
    this.#line = 'open';
    if (!wasWhole) this.#breakAll();
  }

  /** Breaks all connections, whatever is under way on them; new ones work. */
  reset(): void {
    this.#breakAll();
  }

  async close(): Promise<void> {
    this.#breakAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const server = this.#line === 'open' ? connect(this.target.port, this.target.host) : undefined;
    this.#keep(client, server);
    if (!server) return void client.resume();
    this.#keep(server, client);
    client.pipe(this.#late()).pipe(server);
    server.pipe(client);
  }

  #late(): Transform {
    return new Transform({
      transform: (chunk, _encoding, done) => {
        if (this.#delayMs > 0) setTimeout(done, this.#delayMs, null, chunk);
        else done(null, chunk);
      },
    });
  }

  #keep(socket: Socket, other: Socket | undefined): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      // The end of one side is news too, which a silent line does not carry.
      if (this.#line !== 'silent') other?.destroy();
    });
  }

  #breakAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
