/** What is told of an alert: series, and whether it fires on them. */
import type { Alert } from '../rules.js';

export interface Scenario {
  readonly alert: Alert['alert'];
  readonly about: string;
  /** By the minute, in the notation of promtool. */
  readonly series: Series;
  readonly at: string;
  /** What it says, and about whom; absent where it must be quiet. */
  readonly fires?: { readonly labels: object; readonly seen: string };
}

export type Series = Readonly<Record<string, string>>;

/** The release that the rules under test watch. */
export const release = { namespace: 'pictures', fullname: 'demo-tintype' } as const;

export const api = 'namespace="pictures",job="tintype-api",service="demo-tintype-api"';
export const worker = 'namespace="pictures",job="tintype-worker",service="demo-tintype-worker"';
/** Another release in the same namespace. */
export const otherApi = 'namespace="pictures",job="tintype-api",service="other-tintype-api"';
export const otherWorker = 'namespace="pictures",job="tintype-worker",service="other-tintype-worker"';

export const ofApi = { namespace: 'pictures', service: 'demo-tintype-api' };
export const ofWorker = { namespace: 'pictures', service: 'demo-tintype-worker' };
