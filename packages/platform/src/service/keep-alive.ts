import type { Server } from 'node:http';

/**
 * Keeps idle connections for so long. A load balancer must be the one that closes them: a request that it sends on a connection which
 * we are just closing fails. The usual idle time of theirs is 60 s. The server's `requestTimeout` must be set before.
 */
export function keepAlive(server: Server, seconds: number): void {
  server.keepAliveTimeout = seconds * 1000;
  // On a connection without a request yet it is the headers that Node waits for. Node exchanges the two limits where that of the
  // headers is the larger one, and would wait longer for whole requests.
  server.headersTimeout = Math.min(seconds * 1000 + 1000, server.requestTimeout);
}
