import { ruleDeclarations } from './alerts.js';

/** The reference page of the alerts, in Markdown. */
export function alertsReference(): string {
  const alerts = ruleDeclarations.flatMap((group) => group.alerts);
  const recordings = ruleDeclarations.flatMap((group) => group.recordings);
  const rows = alerts.map(
    (rule) => `| \`${rule.alert}\` | ${rule.severity} | ${rule.for} | ${rule.summary} | ${rule.response} |`,
  );
  return `# Alerts

What the PrometheusRule of the chart watches (\`metrics.prometheusRule.enabled\`). \`critical\`: users notice, somebody must look now.
\`warning\`: look in working hours. Every alert is about one release and carries its \`namespace\`.

| Alert | Severity | After | Meaning | What to do |
|---|---|---|---|---|
${rows.join('\n')}

The rules also record, by \`namespace\` and \`service\`:

${recordings.map(({ record }) => `- \`${record}\``).join('\n')}
`;
}
