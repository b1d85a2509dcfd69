import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../spec/sample-service.js', import.meta.url));

/** A process of the sample service, with what it logs. */
class SampleProcess {
  readonly log: Record<string, unknown>[] = [];
  readonly stderr: Promise<string>;
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #lines: Interface;

  constructor(env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [program], {
      env: { SAMPLE_TOKEN: 'c4nary', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exit = once(this.#child, 'close').then(([code]: (number | null)[]) => code ?? null);
    this.stderr = text(this.#child.stderr);
    this.#lines = createInterface(this.#child.stdout);
    this.#lines.on('line', (line) => this.log.push(JSON.parse(line) as Record<string, unknown>));
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  entry(message: string): Record<string, unknown> | undefined {
    return this.log.find(({ msg }) => msg === message);
  }

  /** Resolves when that is logged, and rejects when the process ends without. */
  async logged(message: string): Promise<Record<string, unknown>> {
    const early = this.entry(message);
    if (early) return early;
    const lines = on(this.#lines, 'line', { close: ['close'] });
    for await (const _line of lines) {
      const entry = this.entry(message);
      if (entry) return entry;
    }
    throw new Error(`The process ended before it logged "${message}"`);
  }

  async started(): Promise<string> {
    const { address } = await this.logged('service started');
    return String(address).replace('[::1]', 'localhost');
  }
}

const running: SampleProcess[] = [];
function start(env: NodeJS.ProcessEnv = {}): SampleProcess {
  const sample = new SampleProcess(env);
  running.push(sample);
  return sample;
}
afterEach(async () => {
  for (const sample of running.splice(0)) {
    sample.kill('SIGKILL');
    await sample.exit;
  }
});

async function ask(url: string, agent?: Agent): Promise<IncomingMessage> {
  const [response] = (await once(get(url, { ...(agent && { agent }) }), 'response')) as [IncomingMessage];
  return response;
}

describe('runService', () => {
  test('tells all faults of the settings but no value, and exits with 78', async () => {
    const sample = start({ SAMPLE_PORT: 'c4nary', SAMPLE_TOKEN: '', LOG_LEVEL: 'loud' });
    expect(await sample.exit).toBe(78);
    const stderr = await sample.stderr;
    expect(stderr.split('\n')).toEqual([
      'The settings are not complete and correct:',
      '  SAMPLE_PORT must be an integer from 0 to 65535 (Port of the sample)',
      '  SAMPLE_TOKEN is missing; it must be text (Token of the sample)',
      '  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent (The least severe log lines that are written)',
      '',
    ]);
  });

  test('exits with 1 and says why when it cannot start', async () => {
    const sample = start({ SAMPLE_FAULT: 'boot' });
    expect(await sample.exit).toBe(1);
    expect(sample.entry('service could not start')).toMatchObject({
      level: 'fatal',
      service: 'api',
      err: { message: 'no database' },
    });
  });

  test('tells clients how long it keeps their connections', async () => {
    const url = await start({ KEEP_ALIVE_SECONDS: '620' }).started();
    const agent = new Agent({ keepAlive: true });
    const { headers } = await ask(`${url}/livez`, agent);
    expect(headers['keep-alive']).toBe('timeout=620');
    agent.destroy();
  });

  test('serves on while load balancers learn that it stops, finishes what it has begun and exits with 0', async () => {
    const sample = start({ DRAIN_DELAY_SECONDS: '2' });
    const url = await sample.started();
    const agent = new Agent({ keepAlive: true });
    const alive = await ask(`${url}/livez`, agent);
    expect(alive.headers['keep-alive']).toBe('timeout=65');
    expect(await text(alive)).toContain('ok');
    const slow = await ask(`${url}/slow`, agent);
    sample.kill('SIGTERM');
    await sample.logged('service stopping');
    const ready = await ask(`${url}/readyz`);
    expect(ready.statusCode).toBe(503);
    expect(await text(ready)).toContain('draining');
    const late = await ask(`${url}/livez`);
    expect(late.statusCode).toBe(200);
    expect(late.headers.connection).toBe('close');
    expect(await text(slow)).toBe('begun, ended');
    const ended = performance.now();
    expect(await sample.exit).toBe(0);
    expect(performance.now() - ended).toBeLessThan(3000);
    expect(sample.entry('service stopped')).toBeDefined();
    agent.destroy();
  });

  test('exits at once at the second signal', async () => {
    const sample = start({ DRAIN_DELAY_SECONDS: '60' });
    await sample.started();
    sample.kill('SIGINT');
    await sample.logged('service stopping');
    sample.kill('SIGTERM');
    expect(await sample.exit).toBe(1);
  });

  test('exits with 1 when it takes too long to stop', async () => {
    const sample = start({ SAMPLE_FAULT: 'close', SHUTDOWN_TIMEOUT_SECONDS: '1' });
    await sample.started();
    sample.kill('SIGTERM');
    expect(await sample.exit).toBe(1);
    expect(sample.entry('service could not stop in order')).toMatchObject({ err: { message: 'It took longer than 1000 ms' } });
  });

  test('ends after a rejection that nobody handled, and says so', async () => {
    const sample = start();
    await ask(`${await sample.started()}/forget`).catch(() => undefined);
    expect(await sample.exit).toBe(1);
    expect(sample.entry('unexpected error, the process ends')).toMatchObject({
      origin: 'unhandledRejection',
      err: { message: 'nobody waits for this' },
    });
  });
});
