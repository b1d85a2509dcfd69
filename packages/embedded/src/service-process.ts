/** A built service as a process of its own, as it runs in production. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServiceProgram {
  /** The JavaScript file, absolute. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Receives every line that the service writes, without its end. */
  onLine(line: string, stream: 'stdout' | 'stderr'): void;
}

export interface ServiceExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServiceProcess {
  readonly pid: number;
  readonly exited: Promise<ServiceExit>;
  /**
   * Resolves when the URL answers with success. Rejects when the service ends before, the time is up, or the signal (if any)
   * aborts the wait.
   */
  untilReady(url: string, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** Default: SIGTERM. Resolves when the service has ended and all its output is read. */
  stop(signal?: NodeJS.Signals): Promise<ServiceExit>;
}

/**
 * Preloaded into the service: ends it when the channel to its parent closes, so that it does not outlive a parent that was
 * killed.
 */
const endWithParent = new URL('end-with-parent.js', import.meta.url).href;

export function spawnService({ entry, args = [], env, onLine }: ServiceProgram): ServiceProcess {
  const child = spawn(process.execPath, ['--enable-source-maps', '--import', endWithParent, entry, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // In a process group of its own: Ctrl-C reaches the parent, which stops its children in order.
    detached: true,
  });
  for (const name of ['stdout', 'stderr'] as const) {
    const input = child[name];
    if (input) createInterface({ input }).on('line', (line) => onLine(line, name));
  }
  const exited = new Promise<ServiceExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });

  return {
    pid: child.pid ?? 0,
    exited,
    async untilReady(url, timeoutMs, signal) {
      const deadline = performance.now() + timeoutMs;
      let ended: string | undefined;
      void exited.then(({ code, signal: by }) => (ended = by ? `was ended by ${by}` : `ended with exit code ${code}`));
      while (!(await answers(url))) {
        signal?.throwIfAborted();
        if (ended) throw new Error(`${ended} before it was ready`);
        if (performance.now() > deadline) throw new Error(`was not ready within ${timeoutMs / 1000} s`);
        await sleep(50);
      }
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}
