import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from '@tintype/embedded';

export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** `Redis 7.0.15`; undefined where there is no redis-server in the PATH. */
export function redisVersion(): string | undefined {
  const { stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  const version = /v=(\S+)/.exec(stdout ?? '')?.[1];
  return version && `Redis ${version}`;
}

/** The redis-server of the PATH, without persistence. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', ''];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(server, 'exit');
  await new Promise<void>((resolve, reject) => {
    void exited.then(() => reject(new Error('redis-server does not start')));
    createInterface(server.stdout).on('line', (line) => line.includes('Ready to accept connections') && resolve());
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      server.kill();
      await exited;
    },
  };
}
