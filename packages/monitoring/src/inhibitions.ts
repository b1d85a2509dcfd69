/** Which alerts make which others superfluous, as Alertmanager takes it under `inhibit_rules`. */
import { ruleDeclarations } from './alerts.js';

export interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

export function inhibitions(): InhibitRule[] {
  const targets = new Map<string, string[]>();
  for (const { alert, inhibitedBy = [] } of ruleDeclarations.flatMap(({ alerts }) => alerts)) {
    for (const { alert: source, equal = [] } of inhibitedBy) {
      const key = JSON.stringify([source, ['namespace', ...equal]]);
      targets.set(key, [...(targets.get(key) ?? []), alert]);
    }
  }
  return [...targets].map(([key, alerts]) => {
    const [source, equal] = JSON.parse(key) as [string, string[]];
    return {
      source_matchers: [`alertname = ${source}`],
      target_matchers: [`alertname =~ "${alerts.join('|')}"`],
      equal,
    };
  });
}
