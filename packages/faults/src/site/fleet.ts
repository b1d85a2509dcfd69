/** All processes of one service, as a Deployment has them: what ends is replaced. */
import { setTimeout as sleep } from 'node:timers/promises';
import { lastingPort } from './ports.js';
import type { Random } from './random.js';
import { Service } from './service.js';

export interface FleetOptions {
  readonly name: 'api' | 'worker';
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  /** The setting that has the port. */
  readonly portSetting: 'API_PORT' | 'METRICS_PORT';
  readonly logDirectory: string;
  readonly random: Random;
}

/** What a pod is on a cluster: its process may be another one than before. */
export interface Place {
  readonly number: number;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly service: Service;
  /** How often its process was replaced. */
  readonly restarts: number;
}

type OwnPlace = { -readonly [Key in keyof Place]: Place[Key] };

const readyMs = 60_000;
/** Before a process that did not even start is replaced. */
const pauseMs = 250;

export class Fleet {
  /** Every process that there ever was. */
  readonly all: Service[] = [];
  readonly #options: FleetOptions;
  readonly #places: OwnPlace[] = [];
  #opened = 0;
  #replacing = true;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Resolves when that many more are ready. */
  async start(count: number, env: Readonly<Record<string, string>> = {}): Promise<Service[]> {
    return Promise.all(Array.from({ length: count }, () => this.#open(env)));
  }

  /** Resolves when there are so many, all of them ready: those that came last go first. */
  async scale(count: number): Promise<void> {
    const gone = this.#places.splice(count);
    const missing = count - this.#places.length;
    await Promise.all([
      ...gone.map(({ service }) => (service.ended ? undefined : service.stop())),
      missing > 0 ? this.start(missing) : undefined,
    ]);
  }

  get places(): readonly Place[] {
    return this.#places;
  }

  /** The processes of now, whatever they are up to. */
  get services(): Service[] {
    return this.#places.map(({ service }) => service);
  }

  get working(): Service[] {
    return this.services.filter(({ working }) => working);
  }

  /** Of one that works; while none does, of any. */
  get url(): string {
    const { random } = this.#options;
    const service = random.oneOf(this.working) ?? random.oneOf(this.services);
    if (!service) throw new Error(`there is no ${this.#options.name}`);
    return service.url;
  }

  oneThatWorks(): Service | undefined {
    return this.#options.random.oneOf(this.working);
  }

  /** How many processes ended by themselves, or were ended, in place of being stopped at the end. */
  get replaced(): number {
    return this.all.length - this.#opened;
  }

  /** Log lines with this message, of all processes. */
  logged(message: string): ReturnType<Service['logged']> {
    return this.all.flatMap((service) => service.logged(message));
  }

  /** From all that work. */
  async metric(sample: string): Promise<number> {
    const values = await Promise.all(this.working.map((service) => service.metric(sample)));
    return values.reduce((sum, value) => sum + value, 0);
  }

  /** Resolves when all are ready. */
  async settled(): Promise<void> {
    const giveUpAt = performance.now() + readyMs;
    while (this.working.length < this.#places.length) {
      if (performance.now() > giveUpAt)
        throw new Error(`${this.#options.name}: ${this.working.length} of ${this.#places.length} work`);
      await sleep(50);
    }
  }

  /** Ends all, each in its own time, and replaces none. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#replacing = false;
    await Promise.all(this.services.map((service) => (service.ended ? undefined : service.stop(signal))));
  }

  async #open(env: Readonly<Record<string, string>>): Promise<Service> {
    // Counted before anything is awaited, so that those that start together differ.
    const number = (this.#opened += 1);
    const port = await lastingPort();
    const place: OwnPlace = { number, port, env, restarts: 0, service: this.#launch({ number, port, env }) };
    this.#places.push(place);
    await place.service.untilReady(readyMs).catch((error: Error) => {
      const last = [...place.service.stray, ...place.service.records.map((record) => JSON.stringify(record))].slice(-5);
      throw new Error(`${place.service.name} ${error.message}\n${last.join('\n')}`, { cause: error });
    });
    void this.#replace(place);
    return place.service;
  }

  #launch({ number, port, env }: Pick<Place, 'number' | 'port' | 'env'>): Service {
    const { name, entry, portSetting, logDirectory } = this.#options;
    const service = new Service({
      name: `${name} ${number}`,
      entry,
      env: { ...this.#options.env, ...env, [portSetting]: String(port) },
      url: `http://127.0.0.1:${port}`,
      logFile: `${logDirectory}/${name}-${number}.log`,
    });
    this.all.push(service);
    return service;
  }

  async #replace(place: OwnPlace): Promise<void> {
    for (;;) {
      const { started } = place.service;
      await place.service.exited;
      if (!started) await sleep(pauseMs);
      if (!this.#replacing || !this.#places.includes(place)) return;
      place.service = this.#launch(place);
      place.restarts += 1;
      // It may be killed before it is ready, or find no database: then it ends, and the next one is started.
      void place.service.untilReady(readyMs).catch(() => undefined);
    }
  }
}
