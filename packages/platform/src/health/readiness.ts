import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
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

/** Whether this process should get requests. */
@Injectable()
export class Readiness implements OnApplicationBootstrap {
  readonly #logger = new Logger(Readiness.name);
  #started = false;
  #draining = false;
  #latest: { at: number; results: Promise<Record<string, CheckResult>> } | undefined;
  #failed = new Set<string>();

  constructor(@Inject(HEALTH_OPTIONS) private readonly options: HealthOptions) {}

  onApplicationBootstrap(): void {
    this.#started = true;
  }

  get started(): boolean {
    return this.#started;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** From now on not ready, whatever the checks say. */
  drain(): void {
    this.#draining = true;
  }

  /** Runs the checks, but not oftener than once in a second, whoever asks: probes must not load what they watch. */
  async report(): Promise<ReadinessReport> {
    if (this.#draining) return { status: 'draining', checks: {} };
    const now = performance.now();
    if (!this.#latest || now - this.#latest.at >= cacheMs) this.#latest = { at: now, results: this.#runChecks() };
    const checks = await this.#latest.results;
    const ok = Object.values(checks).every(({ status }) => status === 'ok');
    return { status: ok ? 'ok' : 'failed', checks };
  }

  async #runChecks(): Promise<Record<string, CheckResult>> {
    const checks = Object.entries(this.options.checks);
    return Object.fromEntries(
      await Promise.all(checks.map(async ([name, check]) => [name, await this.#runCheck(name, check)] as const)),
    );
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
    return { status: failure === undefined ? 'ok' : 'failed', duration_ms: Math.round(performance.now() - started) };
  }
}
