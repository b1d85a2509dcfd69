/** A fault: how it is brought about, how it ends, and who must be called in between. */
import type { Fault } from '@tintype/monitoring';
import type { WatchedSite } from '../watched-site.js';

export interface Expectation {
  readonly alert: `Tintype${string}`;
  /** Among its labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Scenario {
  /** By the names that panels have for them: what it fills. */
  readonly faults: readonly [Fault, ...Fault[]];
  /** In a few words, for the table. */
  readonly title: string;
  readonly alerts: readonly Expectation[];
  /** Resolves, when it has begun, to what ends it. */
  begin(watched: WatchedSite): Promise<() => Promise<void>>;
}
