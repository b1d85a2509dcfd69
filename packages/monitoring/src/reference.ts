import { ruleDeclarations } from './alerts.js';
import type { Alert } from './rules.js';
import { burnWindows, type Slo, slos } from './slo.js';

/** The reference page of the alerts, in Markdown. */
export function alertsReference(): string {
  const alerts = ruleDeclarations.flatMap((group) => group.alerts);
  const recordings = ruleDeclarations.flatMap((group) => group.recordings).map(({ record }) => record);
  return `# Alerts

What the PrometheusRule of the chart watches (\`metrics.prometheusRule.enabled\`). \`critical\`: users notice, somebody must look now.
\`warning\`: look in working hours. Every alert is about one release and carries its \`namespace\`; its page among the
[runbooks](../runbooks/README.md) is also the annotation \`runbook_url\`.

| Alert | Severity | After | Meaning | What to do |
|---|---|---|---|---|
${alerts.map(rowOf).join('\n')}

## Objectives
Shares of what should go well, over 30 days; [how they work](../monitoring.md#objectives).

| Objective | Default | What should go well | What is counted |
|---|---|---|---|
${slos.map(objectiveRow).join('\n')}

The error budget is what an objective leaves: of 99.9 %, 0.1 %. An alert fires when it is used up so many times as fast as it may be in both windows of a
line.

| Alert | Long window | Short window | Times as fast | The budget of 30 days lasts for |
|---|---|---|---|---|
${burnRows().join('\n')}

## Recordings
The rules also record, by \`namespace\` and \`service\`, and those of objectives by \`slo\`:

${[...new Set(recordings)].map((record) => `- \`${record}\``).join('\n')}
`;
}

function rowOf({ alert, severity, for: duration, summary, response }: Alert): string {
  return `| [${alert}](../runbooks/${alert}.md) | ${severity} | ${duration} | ${summary} | ${response} |`;
}

function objectiveRow({ id, objective, title, counts }: Slo): string {
  return `| \`${id}\` | ${percent(objective)} | ${title} | ${counts} |`;
}

function burnRows(): string[] {
  return Object.entries(burnWindows).flatMap(([speed, pairs]) =>
    pairs.map(({ long, short, factor }) => {
      const days = Number((30 / factor).toFixed(1));
      return `| \`…BudgetBurn${speed === 'fast' ? 'Fast' : 'Slow'}\` | ${long} | ${short} | ${factor} | ${days} days |`;
    }),
  );
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(6))} %`;
}
