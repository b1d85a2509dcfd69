import type { LabelsOf, metrics } from '@tintype/metrics';

/**
 * Why a child ended: by itself (`crashed`), or killed by the parent for time, for memory, because nobody wants its job any
 * more (`canceled`), because its successor is ready (`recycled`), or because the worker stops.
 */
export type ChildExitReason = LabelsOf<typeof metrics.childExits>['reason'];

/** A child ended, and only the attempt that it was at is lost. */
export class ChildFailure extends Error {
  override readonly name = 'ChildFailure';

  /** @param how for the log: the signal or exit code, and what the parent measured */
  constructor(
    readonly reason: ChildExitReason,
    readonly how: string,
    /** The last of what the child wrote to its stderr: whatever a decoder printed, so for the log only. */
    readonly stderr: string,
  ) {
    super(`The child process ended: ${reason} (${how})`);
  }
}
