import { inhibitions } from './inhibitions.js';

/** The inhibitions as values of kube-prometheus-stack, in YAML. */
export function inhibitRulesPage(): string {
  const rules = inhibitions().map(
    ({ source_matchers, target_matchers, equal }) => `      - source_matchers: ${listOf(source_matchers)}
        target_matchers: ${listOf(target_matchers)}
        equal: ${listOf(equal)}
`,
  );
  return `# Which alerts Alertmanager keeps to itself while another one explains them. Values of kube-prometheus-stack.
alertmanager:
  config:
    inhibit_rules:
${rules.join('')}`;
}

/** JSON is YAML. */
function listOf(texts: readonly string[]): string {
  return JSON.stringify(texts);
}
