/**
 * Writes metrics for Prometheus in both of its text formats. prom-client's own writer of OpenMetrics renames counters for good, so
 * that they have other names in the older format from then on, and one metric that cannot be read fails the whole scrape.
 */
import type { Registry } from 'prom-client';
import { type Exemplar, ExemplarHistogram } from './exemplar-histogram.js';

export type Format = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** OpenMetrics for those who ask for it and do not like text better. */
export function formatFor(accept = ''): Format {
  const openMetrics = Math.max(0, ...qualities(accept, 'application/openmetrics-text'));
  return openMetrics > 0 && openMetrics >= Math.max(0, ...qualities(accept, 'text/plain')) ? 'openmetrics' : 'text';
}

function qualities(accept: string, wanted: string): number[] {
  return accept.split(',').flatMap((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (type !== wanted) return [];
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return quality === undefined ? 1 : Number(quality.slice(2)) || 0;
  });
}

type Metric = NonNullable<ReturnType<Registry['getSingleMetric']>>;
type Read = Awaited<ReturnType<Metric['get']>>;
type Value = Read['values'][number];

/** Names, labels and values are the same in both formats. `onFailure` is told of metrics that could not be read: they are left out. */
export async function expose(
  registry: Registry,
  format: Format,
  onFailure: (metric: string, error: unknown) => void,
): Promise<string> {
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  const texts = names.map(async (name) => {
    try {
      const metric = registry.getSingleMetric(name);
      return metric ? family(metric, await metric.get(), format) : '';
    } catch (error) {
      onFailure(name, error);
      return '';
    }
  });
  return (await Promise.all(texts)).join('') + (format === 'openmetrics' ? '# EOF\n' : '');
}

function family(metric: Metric, { name, help, type, values }: Read, format: Format): string {
  const kind = String(type);
  const isCounter = kind === 'counter';
  const familyName = format === 'openmetrics' && isCounter ? name.replace(/_total$/, '') : name;
  const lines = [`# HELP ${familyName} ${escaped(help, format === 'openmetrics')}`, `# TYPE ${familyName} ${kind}`];
  for (const value of values) {
    const exemplar = format === 'openmetrics' ? exemplarOf(metric, value) : undefined;
    const suffix =
      exemplar === undefined ? '' : ` # ${labelsText({ ...exemplar.trace })} ${exemplar.value} ${exemplar.timestamp}`;
    lines.push(`${sampleName(value) ?? name}${labelsText(value.labels)} ${numberText(value.value)}${suffix}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Of buckets, sums and counts. */
function sampleName(value: Value): string | undefined {
  return 'metricName' in value && typeof value.metricName === 'string' ? value.metricName : undefined;
}

function exemplarOf(metric: Metric, { labels }: Value): Exemplar | undefined {
  const { le, ...others } = labels as Partial<Record<string, string | number>>;
  return le !== undefined && metric instanceof ExemplarHistogram ? metric.exemplar(others, String(le)) : undefined;
}

function labelsText(labels: Readonly<Partial<Record<string, string | number>>>): string {
  const pairs = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escaped(String(value), true)}"`],
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string, quotes: boolean): string {
  const escapedText = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return quotes ? escapedText.replaceAll('"', '\\"') : escapedText;
}

function numberText(value: number): string {
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
}
