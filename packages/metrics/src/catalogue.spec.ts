import { actionIds } from '@tintype/operations';
import { metrics, metricsOf } from './catalogue.js';
import { labelCombinations, type LabelsOf, type Metric } from './define.js';
import { metricsReference } from './reference.js';

const all: readonly Metric[] = Object.values(metrics);

describe('the metric catalogue', () => {
  test('names every metric once', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  test.each(all.map((metric) => [metric.name, metric] as const))('names %s by the conventions of Prometheus', (name, metric) => {
    expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    expect(name.endsWith('_total')).toBe(metric.kind === 'counter');
    for (const label of Object.keys(metric.labels)) expect(label).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(metric.help).toMatch(/^[A-Z].*\.$/);
  });

  test.each(all.filter(({ unit }) => unit).map(({ name, unit }) => [name, unit]))('ends %s with its unit, %s', (name, unit) => {
    expect(name.replace(/_total$/, '')).toMatch(new RegExp(`_${unit}$`));
  });

  test.each(all.filter(({ kind }) => kind === 'histogram').map((metric) => [metric.name, metric] as const))(
    'gives %s a unit and ascending buckets',
    (_name, { unit, buckets }) => {
      expect(unit).toBeDefined();
      expect(buckets).toEqual([...(buckets ?? [])].toSorted((a, b) => a - b));
      expect(buckets?.length).toBeGreaterThan(1);
    },
  );

  test('counts processed jobs by every action that there is', () => {
    expect(metrics.jobsProcessed.name).toBe('worker_jobs_processed_total');
    const combinations = labelCombinations(metrics.jobsProcessed) ?? [];
    expect(combinations).toHaveLength(actionIds.length * 2);
    expect(combinations).toContainEqual({ action: 'convert', status: 'failed' });
  });

  test('observes the duration of jobs without labels, in the default buckets', () => {
    expect(metrics.jobDuration).toMatchObject({ name: 'worker_job_duration_seconds', labels: {} });
    expect(metrics.jobDuration.buckets).toEqual([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
    expect(labelCombinations(metrics.jobDuration)).toEqual([{}]);
  });

  test('knows no combinations where a label is open', () => {
    expect(labelCombinations(metrics.httpRequests)).toBeUndefined();
  });

  test('gives each service its own metrics and the common ones', () => {
    const names = { api: metricsOf('api').map(({ name }) => name), worker: metricsOf('worker').map(({ name }) => name) };
    expect(names.api).toContain('http_requests_total');
    expect(names.worker).not.toContain('http_requests_total');
    expect(names.worker).toContain('worker_jobs_processed_total');
    expect(names.api.filter((name) => names.worker.includes(name))).toEqual(
      all.filter(({ owner }) => owner === 'both').map(({ name }) => name),
    );
  });

  test('lets the compiler refuse labels and values that do not exist', () => {
    type Processed = LabelsOf<typeof metrics.jobsProcessed>;
    const right: Processed = { action: 'resize', status: 'completed' };
    // @ts-expect-error -- no such status
    const wrongValue: Processed = { action: 'resize', status: 'done' };
    // @ts-expect-error -- no such label
    const wrongLabel: Processed = { action: 'resize', status: 'failed', queue: 'jobs' };
    // @ts-expect-error -- a label is missing
    const incomplete: Processed = { action: 'resize' };
    expect([right, wrongValue, wrongLabel, incomplete]).toHaveLength(4);
  });

  test('is described whole by its reference page', () => {
    const page = metricsReference();
    for (const { name, help, labels } of all) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      expect(row).toContain(help);
      for (const values of Object.values(labels))
        for (const value of values === 'open' ? [] : values) expect(row).toContain(`\`${value}\``);
    }
  });
});
