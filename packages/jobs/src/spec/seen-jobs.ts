/** What the model-based test sees in the database, and what its model predicts. */
import type { Stage, Status } from '../status.js';

export interface SeenJob {
  readonly id: string;
  readonly batchId: string | null;
  readonly priority: number;
  status: Status;
  attempt: number;
  maxAttempts: number;
  generation: number;
  retries: number;
  crashCount: number;
  maxCrashes: number;
  /** Of the latest claim, until its lease is swept away. */
  token: string | null;
  workerId: string | null;
  /** Its lease has run out, but nobody has noticed. */
  isExpired: boolean;
  cancelRequested: boolean;
  stage: Stage | null;
  outputsDone: number;
  errorCode: string | null;
  errorOutput: string | null;
  lastErrorCode: string | null;
  version: number;
  /** The key of the source; null until it was fetched. */
  sourceKey: string | null;
  readonly outputs: readonly SeenOutput[];
  readonly history: SeenEvent[];
}

export interface SeenOutput {
  readonly name: string;
  status: Status;
  storageKey: string | null;
  errorCode: string | null;
}

/** A change of status. */
export interface SeenEvent {
  readonly version: number;
  readonly status: Status;
  readonly retries: number;
  readonly attempt: number;
  readonly workerId: string | null;
  readonly errorCode: string | null;
}

export interface SeenBatch {
  readonly id: string;
  readonly total: number;
  unfinished: number;
  /** How often the last of its jobs ended: a webhook for each time. */
  ends: number;
}
