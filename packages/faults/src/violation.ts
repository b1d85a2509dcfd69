/** Something that must never be so, and was. */
export interface Violation {
  /** `I1` to `I8` for the invariants, or the fault whose own expectation it is: `F16`. */
  readonly rule: string;
  readonly what: string;
}

/** What came of a scenario. */
export interface Report {
  readonly violations: readonly Violation[];
  readonly facts: Readonly<Record<string, number | string>>;
  /** Replays it as `FAULTS_SEED`. */
  readonly seed: number;
}
