import { declarationsFor, type Objectives, ruleDeclarations } from './alerts.js';
import type { Release } from './places.js';
import { type RuleGroup, ruleGroup } from './rules.js';
import { publicRunbooks } from './runbooks.js';

export { dashboardFiles, type PanelQuery, panelQueries, type VariableValues } from './dashboards.js';
export { externalSeries } from './external.js';
export { type Fault, faults } from './faults.js';
export { jobs, type Release } from './places.js';
export { alertsReference } from './reference.js';
export { unhurriedRoutes } from './routes.js';
export { inhibitRulesPage } from './inhibit-rules.js';
export { type InhibitRule, inhibitions } from './inhibitions.js';
export type { AlertingRule, RecordingRule, RuleGroup } from './rules.js';
export { filledRunbook } from './runbook-pages.js';
export { publicRunbooks } from './runbooks.js';
export { type Slo, type SloId, slos } from './slo.js';

/** The recording rules whose series may be missing although everything is well, with the reason. */
export function recordingsThatMayBeEmpty(): Record<string, string> {
  const all = ruleDeclarations.flatMap(({ recordings }) => recordings);
  return Object.fromEntries(
    all.flatMap(({ record, mayBeEmpty }) => (mayBeEmpty === undefined ? [] : [[record, mayBeEmpty] as const])),
  );
}

export interface RuleOptions {
  /** Other objectives than the default ones. */
  readonly objectives?: Objectives;
  /** Where docs/runbooks can be read, without a slash at the end. */
  readonly runbooks?: string;
}

/** The rules that watch one release. */
export function ruleGroups(release: Release, { objectives = {}, runbooks = publicRunbooks }: RuleOptions = {}): RuleGroup[] {
  return declarationsFor(objectives).map((declarations) => ruleGroup(declarations, release, runbooks));
}
