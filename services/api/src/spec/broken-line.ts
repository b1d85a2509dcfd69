import { createServer, connect, type Socket } from 'node:net';

/** A TCP relay to a server, which can be cut: existing connections break, new ones are refused until it is mended. */
export class BrokenLine {
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => {
    const server = connect(this.port, this.host);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => this.sockets.delete(from) && to.destroy());
      from.pipe(to);
    }
  });

  private relayPort = 0;

  private constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  /** `url` is that of the server; resolves to the relay and the same URL through it. */
  static async to(url: string): Promise<{ line: BrokenLine; url: string }> {
    const relayed = new URL(url);
    const line = new BrokenLine(relayed.hostname, Number(relayed.port));
    await line.mend();
    relayed.hostname = '127.0.0.1';
    relayed.port = String(line.relayPort);
    return { line, url: relayed.href };
  }

  async mend(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.relayPort, '127.0.0.1', resolve));
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    this.relayPort = address.port;
  }

  cut(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
