import { spawnSync } from 'node:child_process';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type Metric, metrics, metricsOf } from '@tintype/metrics';
import { inSpan, startTracing, type Tracing, tracingSettings } from '@tintype/tracing';
import { Counter, Gauge, Registry } from 'prom-client';
import { loadSettings } from '../settings/load.js';
import { ExemplarHistogram } from './exemplar-histogram.js';
import { expose, type Format, formatFor } from './exposition.js';
import { MetricsModule } from './metrics-module.js';

/** As Prometheus 3 asks, and as it does with `scrape_protocols: [PrometheusText0.0.4, OpenMetricsText1.0.0]`. */
const prometheus =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const preferringText = 'text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.4';

test.each([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/html,*/*;q=0.8', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text;q=0', 'text'],
  [prometheus, 'openmetrics'],
  [preferringText, 'text'],
] as const)('%s is answered with %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format);
});

/** `name{labels}` to value: of either format, without exemplars. */
function samples(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, series, value] = /^([a-z_0-9]+(?:\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)(?: # \{.*)?$/.exec(line) ?? [];
      if (series === undefined || value === undefined) throw new Error(`No sample: ${line}`);
      return [series, value];
    }),
  );
}

function sampleRegistry(): Registry {
  const registry = new Registry();
  const registers = [registry];
  const odd = 'a "quoted" \\ back\nnew';
  const counter = new Counter({ name: 'x_things_total', help: odd, labelNames: ['what'], registers });
  counter.inc({ what: odd }, 2);
  new Gauge({ name: 'x_level', help: 'Level.', registers }).set(-Infinity);
  new Gauge({ name: 'x_ratio', help: 'Ratio.', registers }).set(Number.NaN);
  new ExemplarHistogram({ name: 'x_seconds', help: 'Time.', labelNames: ['what'], buckets: [0.1, 1], registers }).observe(
    { what: 'a' },
    0.5,
  );
  return registry;
}

async function exposed(registry: Registry, format: Format): Promise<string> {
  return expose(registry, format, (metric, error) => {
    throw new Error(`${metric}: ${String(error)}`);
  });
}

test('both formats say the same, each in its way', async () => {
  const registry = sampleRegistry();
  const text = await exposed(registry, 'text');
  const openMetrics = await exposed(registry, 'openmetrics');
  expect(text).toBe(`# HELP x_things_total a "quoted" \\\\ back\\nnew
# TYPE x_things_total counter
x_things_total{what="a \\"quoted\\" \\\\ back\\nnew"} 2
# HELP x_level Level.
# TYPE x_level gauge
x_level -Inf
# HELP x_ratio Ratio.
# TYPE x_ratio gauge
x_ratio NaN
# HELP x_seconds Time.
# TYPE x_seconds histogram
x_seconds_bucket{le="0.1",what="a"} 0
x_seconds_bucket{le="1",what="a"} 1
x_seconds_bucket{le="+Inf",what="a"} 1
x_seconds_sum{what="a"} 0.5
x_seconds_count{what="a"} 1
`);
  expect(openMetrics.split('\n').slice(0, 3)).toEqual([
    '# HELP x_things a \\"quoted\\" \\\\ back\\nnew',
    '# TYPE x_things counter',
    'x_things_total{what="a \\"quoted\\" \\\\ back\\nnew"} 2',
  ]);
  expect(openMetrics).toMatch(/\n# EOF\n$/);
  expect(samples(openMetrics)).toEqual(samples(text));
  // Having been written in one does not change the other.
  expect(await exposed(registry, 'text')).toBe(text);
});

test('a metric that cannot be read is left out alone', async () => {
  const registry = sampleRegistry();
  const collect = () => {
    throw new Error('broken');
  };
  registry.registerMetric(new Gauge({ name: 'x_broken', help: 'Broken.', registers: [], collect }));
  const failures: string[] = [];
  const text = await expose(registry, 'text', (metric) => failures.push(metric));
  expect(failures).toEqual(['x_broken']);
  expect(text).not.toContain('x_broken');
  expect(samples(text).size).toBe(8);
});

describe('exemplars', () => {
  let tracing: Tracing | undefined;
  beforeAll(async () => {
    // Nobody is there to receive them, which matters to no exemplar.
    const settings = loadSettings(tracingSettings, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    tracing = await startTracing({ service: 'api', version: '0', settings, warn: () => undefined });
  });
  afterAll(async () => {
    await tracing?.stop();
  });

  test('are the last observations of their buckets within sampled spans', async () => {
    const registry = new Registry();
    const histogram = new ExemplarHistogram({
      name: 'x_seconds',
      help: 'Time.',
      labelNames: ['b', 'a'],
      buckets: [0.1, 1],
      registers: [registry],
    });
    const observeInSpan = (value: number) =>
      inSpan('x', {}, async (span) => {
        histogram.observe({ a: '1', b: '2' }, value);
        return span.spanContext();
      });
    histogram.observe({ a: '1', b: '2' }, 0.01);
    await observeInSpan(0.5);
    const middle = await observeInSpan(0.6);
    const large = await observeInSpan(7);
    const lines = (await exposed(registry, 'openmetrics')).split('\n');
    const bucket = (le: string) => lines.find((line) => line.includes(`le="${le}"`));
    expect(bucket('0.1')).toMatch(/\} 1$/);
    const ids = ({ traceId, spanId }: typeof middle) => `# {trace_id="${traceId}",span_id="${spanId}"}`;
    expect(bucket('1')).toMatch(new RegExp(`\\} 3 ${ids(middle)} 0\\.6 \\d+(\\.\\d+)?$`));
    expect(bucket('+Inf')).toMatch(new RegExp(`\\} 4 ${ids(large)} 7 \\d+(\\.\\d+)?$`));
    expect(lines.filter((line) => line.includes('trace_id'))).toHaveLength(2);
    expect(await exposed(registry, 'text')).not.toContain('trace_id');
  });

  test('belong to a histogram without labels as well', async () => {
    const registry = new Registry();
    const histogram = new ExemplarHistogram({ name: 'x_seconds', help: 'Time.', buckets: [1], registers: [registry] });
    await inSpan('x', {}, async () => histogram.observe(0.2));
    expect(await exposed(registry, 'openmetrics')).toMatch(/^x_seconds_bucket\{le="1"\} 1 # \{trace_id="/m);
  });
});

describe('a service', () => {
  let app: NestExpressApplication;
  beforeAll(async () => {
    app = await NestFactory.create<NestExpressApplication>(MetricsModule.register({ service: 'api', version: '1.2.3' }), {
      logger: false,
    });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  async function scrape(headers: Record<string, string>): Promise<{ text: string; header: (name: string) => string | null }> {
    const response = await fetch(`${await app.getUrl()}/metrics`, { headers });
    expect(response.status).toBe(200);
    return { text: await response.text(), header: (name) => response.headers.get(name) };
  }

  test('has the same names in both formats', async () => {
    const text = await scrape({});
    const openMetrics = await scrape({ Accept: prometheus });
    expect(text.header('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(openMetrics.header('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const names = (body: string) => [...samples(body).keys()].sort();
    expect(names(openMetrics.text)).toEqual(names(text.text));
    expect(names(text.text)).toContain('http_requests_in_flight');
    const types = openMetrics.text.split('\n').filter((line) => line.startsWith('# TYPE '));
    expect(new Set(types.map((line) => line.split(' ')[2])).size).toBe(types.length);
  });

  test('is judged well by promtool', async () => {
    const { text } = await scrape({});
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('compresses for whoever asks', async () => {
    const plain = await scrape({ 'Accept-Encoding': 'identity' });
    expect(plain.header('content-encoding')).toBeNull();
    const compressed = await scrape({ 'Accept-Encoding': 'gzip' });
    expect(compressed.header('content-encoding')).toBe('gzip');
    expect(compressed.header('vary')).toBe('Accept, Accept-Encoding');
    // fetch has unpacked it.
    expect([...samples(compressed.text).keys()]).toEqual([...samples(plain.text).keys()]);
  });
});

/** The families of OpenMetrics have counters without `_total`: two of them must not have one name. */
test.each(['api', 'worker'] as const)('no two metrics of the %s are one family', (service) => {
  const families = metricsOf(service).map(({ kind, name }: Metric) => (kind === 'counter' ? name.replace(/_total$/, '') : name));
  expect(new Set(families).size).toBe(families.length);
});

test('counters end with _total, as OpenMetrics has it', () => {
  for (const { kind, name } of Object.values(metrics))
    expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
});
