/** PostgreSQL, the API and a worker, started in order and stopped in the reverse one. */
import { join } from 'node:path';
import { startDatabase } from './database.js';
import { startLoggedService, type LoggedService } from './logged-service.js';
import { checkPreconditions } from './preconditions.js';
import { root, type RunSettings } from './settings.js';

/** Receives one line for each step that is done. */
type Report = (step: string, tookMs: number, about: string) => void;

const readyTimeoutMs = 60_000;
/** A worker finishes its jobs before it ends; a person waits for less than a cluster would. */
const drainSeconds = '10';

export class Stack {
  private readonly undo: (() => Promise<unknown>)[] = [];
  private readonly services = new Map<string, LoggedService>();
  private env: NodeJS.ProcessEnv = {};

  constructor(
    private readonly settings: RunSettings,
    private readonly report: Report,
    private readonly signal: AbortSignal,
  ) {}

  get apiUrl(): string {
    return `http://localhost:${this.settings.apiPort}`;
  }

  get metricsUrl(): string {
    return `http://localhost:${this.settings.metricsPort}`;
  }

  /** Rejects with a complaint when something does not start; stop() is still due then. */
  async start(): Promise<void> {
    await checkPreconditions(this.settings);
    this.env = {
      DRAIN_SECONDS: drainSeconds,
      ...process.env,
      DATABASE_URL: await this.timed('PostgreSQL', () => this.database()),
      STORAGE_DRIVER: 'filesystem',
      STORAGE_DIR: join(this.settings.dataDirectory, 'images'),
      LOG_FORMAT: 'json',
      API_PORT: String(this.settings.apiPort),
      METRICS_PORT: String(this.settings.metricsPort),
    };
    await this.timed('migrations', () => this.migrate());
    await this.startServices();
  }

  async startServices(): Promise<void> {
    await Promise.all([
      this.timed('api', () => this.service('api', this.apiUrl)),
      this.timed('worker', () => this.service('worker', this.metricsUrl)),
    ]);
  }

  async stopServices(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const services = [...this.services.values()];
    this.services.clear();
    await Promise.all(services.map((service) => service.stop(signal)));
  }

  /** Ends the services at once, whatever they are doing. */
  kill(): void {
    for (const service of this.services.values()) void service.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.stopServices();
    for (const step of this.undo.toReversed()) await step();
  }

  private async database(): Promise<[url: string, about: string]> {
    const { databaseUrl, dataDirectory } = this.settings;
    if (databaseUrl) return [databaseUrl, 'as DATABASE_URL says'];
    const database = await startDatabase(dataDirectory);
    this.undo.push(database.stop);
    const how = database.takenOver ? 'left running by a killed run, taken over' : `data in ${database.directory}`;
    return [database.url, `port ${database.port}, ${how}`];
  }

  private async migrate(): Promise<[void, string]> {
    const migration = await startLoggedService({ ...this.program('api', 'migrate.js'), name: 'migrate' });
    const interrupt = (): void => void migration.stop();
    this.signal.addEventListener('abort', interrupt);
    const { code } = await migration.exited;
    this.signal.removeEventListener('abort', interrupt);
    this.signal.throwIfAborted();
    if (code !== 0) throw migration.complaint(`ended with exit code ${code}`);
    return [undefined, 'up to date'];
  }

  private async service(name: 'api' | 'worker', url: string): Promise<[void, string]> {
    const service = await startLoggedService({ ...this.program(name), name });
    this.services.set(name, service);
    await service.untilReady(`${url}/readyz`, readyTimeoutMs, this.signal).catch((error: Error) => {
      throw this.signal.aborted ? error : service.complaint(error.message);
    });
    return [undefined, url];
  }

  /** Rejects when a service ends that nobody stopped. */
  async untilFailure(): Promise<never> {
    return Promise.race(
      [...this.services.values()].map(async (service) => {
        const { code, signal } = await service.exited;
        if (this.services.get(service.name) !== service) return new Promise<never>(() => undefined);
        throw service.complaint(signal ? `was ended by ${signal}` : `ended with exit code ${code}`);
      }),
    );
  }

  private program(service: 'api' | 'worker', file = 'main.js') {
    return {
      entry: join(root, 'services', service, 'dist', file),
      env: this.env,
      logDirectory: join(this.settings.dataDirectory, 'logs'),
    };
  }

  private async timed<T>(step: string, work: () => Promise<[result: T, about: string]>): Promise<T> {
    this.signal.throwIfAborted();
    const started = performance.now();
    const [result, about] = await work();
    this.report(step, performance.now() - started, about);
    return result;
  }
}
