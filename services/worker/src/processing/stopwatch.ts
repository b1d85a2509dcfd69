/** Where the time of an attempt goes. */
import type { LabelsOf, metrics } from '@tintype/metrics';

export type Stage = LabelsOf<typeof metrics.jobStageDuration>['stage'];

export class Stopwatch {
  readonly #startedAt = performance.now();
  readonly #stages = new Map<Stage, number>();

  /** Runs something and counts its time to a stage, also when it fails. */
  async time<Result>(stage: Stage, work: () => Promise<Result>): Promise<Result> {
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.#stages.set(stage, (this.#stages.get(stage) ?? 0) + performance.now() - begun);
    }
  }

  get totalMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Milliseconds by stage; stages that were not reached are absent. */
  get stagesMs(): ReadonlyMap<Stage, number> {
    return this.#stages;
  }

  /** For the log: milliseconds with one decimal. */
  report(): Record<string, number> {
    const entries = [...this.#stages, ['total', this.totalMs] as const];
    return Object.fromEntries(entries.map(([name, ms]) => [name, Math.round(ms * 10) / 10]));
  }
}
