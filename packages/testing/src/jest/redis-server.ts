import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@tintype/embedded';

/** How many databases the server has; every spec takes one. */
export const redisDatabases = 4096;

/** Starts the redis-server of PATH, without persistence, and resolves with its URL. */
export async function startRedis(directory: string): Promise<string> {
  const port = await freePort();
  const settings = {
    bind: '127.0.0.1',
    port,
    unixsocket: socket(directory),
    dir: directory,
    save: '',
    databases: redisDatabases,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // In a process group of its own, so that Ctrl-C reaches the specs first and the server last.
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });

  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => {
      reject(
        new Error(
          'The tests need redis-server in PATH: apt-get install redis-server (Debian, Ubuntu) or brew install redis (macOS).',
        ),
      );
    });
    server.once('exit', () => reject(new Error(`redis-server does not start:\n${lines.slice(-5).join('\n')}`)));
    createInterface(server.stdout).on('line', (line) => {
      lines.push(line);
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
  return `redis://127.0.0.1:${port}`;
}

/** Stops the server of a directory, whoever started it; does nothing when none runs. */
export async function stopRedis(directory: string): Promise<void> {
  await new Promise<void>((resolve) => {
    // Redis takes commands as plain lines, and hangs up when it has ended.
    const connection = connect(socket(directory), () => connection.end('SHUTDOWN NOSAVE\r\n'));
    connection.once('error', () => resolve()); // No such socket, or nobody at its other end.
    connection.once('close', () => resolve());
    connection.resume();
  });
}

function socket(directory: string): string {
  return join(directory, 'redis.sock');
}
