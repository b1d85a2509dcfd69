/** A service whose log goes to a file, and to the terminal when it is worth a look. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnService, type ServiceProcess, type ServiceProgram } from '../service-process.js';
import { Complaint } from './complaint.js';

export interface LoggedService extends ServiceProcess {
  readonly name: string;
  /** A complaint with the last lines that the service wrote. */
  complaint(what: string): Complaint;
}

interface Options extends Omit<ServiceProgram, 'onLine'> {
  readonly name: string;
  readonly logDirectory: string;
}

const loud = new Set(['warn', 'error', 'fatal']);

export async function startLoggedService({ name, logDirectory, ...program }: Options): Promise<LoggedService> {
  await mkdir(logDirectory, { recursive: true });
  const path = join(logDirectory, `${name}.log`);
  const file = createWriteStream(path);
  file.on('error', (error) => console.error(`[${name}] its log cannot be written: ${error.message}`));
  const last: string[] = [];

  const service = spawnService({
    ...program,
    onLine(line, stream) {
      file.write(`${line}\n`);
      last.push(line);
      if (last.length > 20) last.shift();
      const worthy = readable(line, stream);
      if (worthy) console.error(`[${name}] ${worthy}`);
    },
  });
  void service.exited.then(() => file.end());
  return { ...service, name, complaint: (what) => new Complaint(`${name} ${what}. The end of ${path}:\n${last.join('\n')}`) };
}

/** A line for people, or undefined for one that only the file gets. */
function readable(line: string, stream: 'stdout' | 'stderr'): string | undefined {
  const record = parse(line);
  if (!record) return stream === 'stderr' ? line : undefined;
  const { level, msg, time: _time, pid: _pid, hostname: _hostname, service: _service, version: _version, ...facts } = record;
  if (!loud.has(String(level))) return undefined;
  return `${String(level)}: ${String(msg)} ${JSON.stringify(facts)}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
