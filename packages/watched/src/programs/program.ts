/** A server that is no program of ours, from the PATH. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { eventually } from '@tintype/testing';

export interface ProgramOptions {
  /** As one distribution or another calls it. */
  readonly names: readonly [string, ...string[]];
  readonly args: readonly string[];
  /** Answers with success when it is ready. */
  readonly readyUrl: string;
  /** Where to get it. */
  readonly packages: string;
}

export interface Program {
  /** What it has written. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

const readyMs = 60_000;
const lastLines = 15;

/** The shell ends the program when its own input ends, as it does when this process dies, however it dies. */
const guarded = `exec 3<&0
"$0" "$@" 3<&- </dev/null &
program=$!
{ read -r _; kill "$program"; } <&3 2>/dev/null &
wait "$program"`;

export async function startProgram({ names, args, readyUrl, packages }: ProgramOptions): Promise<Program> {
  const name = names.find(isInPath) ?? names[0];
  // In a process group of its own, so that Ctrl-C reaches it last.
  const shell = spawn('sh', ['-c', guarded, name, ...args], { stdio: 'pipe', detached: true });
  const log: string[] = [];
  for (const stream of [shell.stdout, shell.stderr]) stream.setEncoding('utf8').on('data', (text: string) => log.push(text));
  const ended = once(shell, 'close');
  try {
    await eventually(async () => shell.exitCode !== null || (await answers(readyUrl)), { timeoutMs: readyMs, everyMs: 50 });
    if (shell.exitCode !== null) throw new Error(`${name} ended with ${shell.exitCode}`);
  } catch (cause) {
    shell.stdin.end();
    const last = log.join('').trimEnd().split('\n').slice(-lastLines).join('\n');
    throw new Error(`${name} does not start (${packages}):\n${last}`, { cause });
  }
  return {
    log,
    async stop() {
      shell.stdin.end();
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

function isInPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => existsSync(join(directory, name)));
}
