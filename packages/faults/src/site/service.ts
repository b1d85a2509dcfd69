/** One process of the API or the worker, from its start to its end. */
import { appendFileSync } from 'node:fs';
import { type ServiceExit, type ServiceProcess, spawnService } from '@tintype/embedded';

export interface ServiceOptions {
  readonly name: string;
  /** The JavaScript file, absolute. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  /** Receives all that it writes. */
  readonly logFile: string;
}

export type LogRecord = Readonly<Record<string, unknown>>;

export class Service {
  readonly name: string;
  readonly url: string;
  /** The lines of its log, parsed. */
  readonly records: LogRecord[] = [];
  /** Lines that are no JSON: what Node.js or a decoder has to say. */
  readonly stray: string[] = [];
  readonly exited: Promise<ServiceExit>;
  ended: ServiceExit | undefined;
  /** Whether it has been ready. */
  started = false;
  /** Whether it was stopped by SIGSTOP. */
  frozen = false;
  /** Whether it was told to stop. */
  stopping = false;
  readonly #process: ServiceProcess;

  constructor({ name, entry, env, url, logFile }: ServiceOptions) {
    this.name = name;
    this.url = url;
    const { PATH, HOME, TMPDIR } = process.env;
    this.#process = spawnService({
      entry,
      env: { PATH, HOME, TMPDIR, LOG_FORMAT: 'json', ...env },
      onLine: (line) => {
        appendFileSync(logFile, `${name} ${line}\n`);
        this.#receive(line);
      },
    });
    this.exited = this.#process.exited.then((exit) => (this.ended = exit));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it works: ready once, and not ended, frozen or stopping since. */
  get working(): boolean {
    return this.started && !this.ended && !this.frozen && !this.stopping;
  }

  async untilReady(timeoutMs: number): Promise<void> {
    await this.#process.untilReady(`${this.url}/readyz`, timeoutMs);
    this.started = true;
  }

  /** Resolves with how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<ServiceExit> {
    this.stopping = true;
    // A frozen process does not see its SIGTERM.
    if (this.frozen) this.thaw();
    return this.#process.stop(signal);
  }

  /** SIGSTOP: it knows nothing of the time until it is thawed. Its image processes go on. */
  freeze(): void {
    this.frozen = true;
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    this.frozen = false;
    if (!this.ended) process.kill(this.pid, 'SIGCONT');
  }

  /** Log lines with this message. */
  logged(message: string): LogRecord[] {
    return this.records.filter(({ msg }) => msg === message);
  }

  /** The sum of the samples of /metrics that begin so: `worker_writes_fenced_total`, `worker_child_exits_total{reason="timeout"}`. */
  async metric(sample: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${sample} `) || line.startsWith(`${sample}{`));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  #receive(line: string): void {
    try {
      this.records.push(JSON.parse(line) as LogRecord);
    } catch {
      this.stray.push(line);
    }
  }
}
