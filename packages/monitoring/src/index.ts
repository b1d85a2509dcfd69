import { ruleDeclarations } from './alerts.js';
import type { Release } from './places.js';
import { type RuleGroup, ruleGroup } from './rules.js';

export { dashboardFiles, type PanelQuery, panelQueries, type VariableValues } from './dashboards.js';
export { jobs, type Release } from './places.js';
export { alertsReference } from './reference.js';
export { probeRoutes, unhurriedRoutes } from './routes.js';
export type { AlertingRule, RecordingRule, RuleGroup } from './rules.js';

/** The recording rules whose series may be missing although everything is well, with the reason. */
export function recordingsThatMayBeEmpty(): Record<string, string> {
  const all = ruleDeclarations.flatMap(({ recordings }) => recordings);
  return Object.fromEntries(
    all.flatMap(({ record, mayBeEmpty }) => (mayBeEmpty === undefined ? [] : [[record, mayBeEmpty] as const])),
  );
}

/** The rules that watch one release. */
export function ruleGroups(release: Release): RuleGroup[] {
  return ruleDeclarations.map((declarations) => ruleGroup(declarations, release));
}
