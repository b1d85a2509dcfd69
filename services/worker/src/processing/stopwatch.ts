/** Where the time of an attempt goes. */
import type { LabelsOf, metrics } from '@tintype/metrics';
import { inSpan } from '@tintype/tracing';

export type Stage = LabelsOf<typeof metrics.jobStageDuration>['stage'];

export class Stopwatch {
  readonly #startedAt = performance.now();
  readonly #stages = new Map<Stage, number>();

  /** Runs something, in a span, and counts its time to a stage, also when it fails; `onTaken` is told of that time. */
  async time<Result>(stage: Stage, work: () => Promise<Result>, onTaken?: (ms: number) => void): Promise<Result> {
    const begun = performance.now();
    try {
      return await inSpan(stage, {}, work);
    } finally {
      const ms = performance.now() - begun;
      this.add(stage, ms);
      onTaken?.(ms);
    }
  }

  /** Counts time that somebody else has taken. */
  add(stage: Stage, ms: number): void {
    this.#stages.set(stage, (this.#stages.get(stage) ?? 0) + ms);
  }

  get totalMs(): number {
    return performance.now() - this.#startedAt;
  }

  /**
   * Milliseconds by stage; stages that were not reached are absent. An output is stored while the next is made: their sum may be more
   * than the total.
   */
  get stagesMs(): ReadonlyMap<Stage, number> {
    return this.#stages;
  }

  /** For the log: milliseconds with one decimal. */
  report(): Record<string, number> {
    const entries = [...this.#stages, ['total', this.totalMs] as const];
    return Object.fromEntries(entries.map(([name, ms]) => [name, Math.round(ms * 10) / 10]));
  }
}
