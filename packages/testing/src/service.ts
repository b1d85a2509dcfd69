/** A built service as a process of its own, with its log at hand. */
import { spawnService, type ServiceExit } from '@tintype/embedded';

export interface ServiceOptions {
  /** The JavaScript file, absolute: `services/api/dist/main.js`. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** All that the service gets beside PATH, HOME and TMPDIR. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers with success when the service is ready: `http://127.0.0.1:8080/readyz`. */
  readonly readyUrl: string;
  /** Default: 30 000. */
  readonly timeoutMs?: number;
}

export interface RunningService {
  readonly pid: number;
  /** Every line that it has written to stdout and stderr so far. */
  readonly log: readonly string[];
  readonly exited: Promise<ServiceExit>;
  /** The lines that are JSON objects, parsed. */
  records(): Record<string, unknown>[];
  /** Sends the signal (default SIGTERM) and resolves with how it ended. */
  stop(signal?: NodeJS.Signals): Promise<ServiceExit>;
}

/** Resolves when the service is ready; rejects with its last lines when it ends or the time is up before. */
export async function startService({
  entry,
  args = [],
  env,
  readyUrl,
  timeoutMs = 30_000,
}: ServiceOptions): Promise<RunningService> {
  const { PATH, HOME, TMPDIR } = process.env;
  const log: string[] = [];
  const service = spawnService({ entry, args, env: { PATH, HOME, TMPDIR, ...env }, onLine: (line) => log.push(line) });
  try {
    await service.untilReady(readyUrl, timeoutMs);
  } catch (error) {
    await service.stop('SIGKILL');
    throw new Error(`${entry} ${error instanceof Error ? error.message : String(error)}\n${log.slice(-30).join('\n')}`, {
      cause: error,
    });
  }
  return { pid: service.pid, exited: service.exited, stop: service.stop, log, records: () => log.flatMap(parseRecord) };
}

function parseRecord(line: string): Record<string, unknown>[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    return [];
  }
}
