import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Loop } from '../loop.js';
import { within } from '../within.js';
import { HEALTH_OPTIONS, type HealthCheck, type HealthOptions } from './health-options.js';

interface CheckResult {
  readonly status: 'ok' | 'failed';
  readonly duration_ms: number;
}

export interface ReadinessReport {
  readonly status: 'ok' | 'failed' | 'draining';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

const timeoutMs = 1000;
const cacheMs = 1000;
const lookEveryMs = 5000;
/** Longer than the time between two probes of Kubernetes, so that where it asks nothing is checked more often. */
const probedEveryMs = 6000;

/** Whether this process should get requests, and what it has found of what it needs. */
@Injectable()
export class Readiness implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(Readiness.name);
  #started = false;
  #draining = false;
  #latest: { at: number; results: Readonly<Record<string, Promise<CheckResult>>> } | undefined;
  readonly #found: Record<string, CheckResult> = {};
  /** So that metrics tell of an outage also where no probe asks. At a scrape it would make that wait for what hangs. */
  readonly #looks = new Loop({
    name: 'health checks',
    everyMs: lookEveryMs,
    round: async () => {
      await Promise.all(Object.values(this.#check(probedEveryMs)));
      return false;
    },
    logger: this.#logger,
  });
  #failed = new Set<string>();

  constructor(@Inject(HEALTH_OPTIONS) private readonly options: HealthOptions) {}

  onApplicationBootstrap(): void {
    this.#started = true;
    this.#looks.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#looks.stop();
  }

  get started(): boolean {
    return this.#started;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** What the last checks found, by name; those that were not made yet are missing. */
  get found(): Readonly<Record<string, CheckResult>> {
    return this.#found;
  }

  /** From now on not ready, whatever the checks say. */
  drain(): void {
    this.#draining = true;
  }

  /** Runs the checks, but not oftener than once in a second, whoever asks: probes must not load what they watch. */
  async report(): Promise<ReadinessReport> {
    if (this.#draining) return { status: 'draining', checks: {} };
    const needed = Object.entries(this.#check(cacheMs)).filter(([name]) => name in this.options.checks);
    const checks = Object.fromEntries(await Promise.all(needed.map(async ([name, result]) => [name, await result] as const)));
    const ok = Object.values(checks).every(({ status }) => status === 'ok');
    return { status: ok ? 'ok' : 'failed', checks };
  }

  /** Anew, if the latest results are that old. */
  #check(maxAgeMs: number): Readonly<Record<string, Promise<CheckResult>>> {
    const now = performance.now();
    if (!this.#latest || now - this.#latest.at >= maxAgeMs) {
      const checks = Object.entries({ ...this.options.checks, ...this.options.watched });
      const results = checks.map(([name, check]) => [name, this.#runCheck(name, check)] as const);
      this.#latest = { at: now, results: Object.fromEntries(results) };
    }
    return this.#latest.results;
  }

  async #runCheck(name: string, check: HealthCheck): Promise<CheckResult> {
    const started = performance.now();
    let failure: unknown;
    try {
      await within(timeoutMs, check());
      if (this.#failed.delete(name)) this.#logger.log('health check passes again', { check: name });
    } catch (error) {
      failure = error ?? new Error('It rejected without an error');
      // The reason is for the log only: it may name hosts and accounts, and the probes are open to all.
      if (!this.#failed.has(name)) this.#logger.warn('health check fails', { check: name, err: error });
      this.#failed.add(name);
    }
    const status = failure === undefined ? 'ok' : 'failed';
    return (this.#found[name] = { status, duration_ms: Math.round(performance.now() - started) });
  }
}
