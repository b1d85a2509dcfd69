import { metrics } from './catalogue.js';
import type { Metric } from './define.js';

/** The reference page of the metrics, in Markdown. */
export function metricsReference(): string {
  const rows = Object.values(metrics).map((metric: Metric) => `| ${cells(metric).join(' | ')} |`);
  return `# Metrics

Both services answer \`GET /metrics\` in the Prometheus text format, along with the process metrics of prom-client. A metric marked
*shared* is one fact that every replica reports: take its \`max\`, never its \`sum\`. Where every label has a closed set of values, each
combination is exported from the start, at zero.

| Metric | Type | Exported by | Labels | Meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

function cells(metric: Metric): string[] {
  const labels = Object.entries(metric.labels).map(([name, values]) =>
    values === 'open' ? `\`${name}\`` : `\`${name}\`: ${values.map((value) => `\`${value}\``).join(', ')}`,
  );
  const kind = metric.scope === 'shared' ? `${metric.kind}, *shared*` : metric.kind;
  const owner = metric.owner === 'both' ? 'api, worker' : metric.owner;
  const buckets = metric.buckets ? ` Buckets: ${metric.buckets.join(', ')}.` : '';
  return [`\`${metric.name}\``, kind, owner, labels.join('<br>') || '–', metric.help + buckets];
}
