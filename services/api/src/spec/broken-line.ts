import { createServer, connect, type Socket } from 'node:net';

/** A TCP relay to a server, which can be cut: existing connections break, new ones are refused. */
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

  private constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  /** `url` is that of the server; resolves to the relay and the same URL through it. */
  static async to(url: string): Promise<{ line: BrokenLine; url: string }> {
    const relayed = new URL(url);
    const line = new BrokenLine(relayed.hostname, Number(relayed.port));
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
    const address = line.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    relayed.hostname = '127.0.0.1';
    relayed.port = String(address.port);
    return { line, url: relayed.href };
  }

  cut(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
