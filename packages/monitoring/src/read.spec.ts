import { metrics } from '@tintype/metrics';
import { container, up } from './external.js';
import { query } from './panels.js';
import { inDashboard, inRelease } from './places.js';
import { absent, countOf, increase, quantile, rate, shared, sumOf, value } from './read.js';
import { alert } from './rules.js';
import { anyOf, like, noneOf, type Place } from './series.js';

const nowhere: Place = { matchers: () => [] };
const release = inRelease({ namespace: 'pictures', fullname: 'demo' });

describe('PromQL', () => {
  test.each([
    [
      rate(metrics.jobsProcessed, '5m', { status: 'failed' }).sumBy('action'),
      'sum by (action) (rate(worker_jobs_processed_total{status="failed"}[5m]))',
    ],
    [increase(metrics.jobsCreated, '1h').sumBy(), 'sum(increase(jobs_created_total{}[1h]))'],
    [value(metrics.jobsActive).times(2).above(1.5), '(worker_jobs_active{} * 2) > 1.5'],
    [
      shared(metrics.jobsUnfinished, { status: 'queued' }).maxBy('namespace'),
      'max by (namespace) (jobs_unfinished{status="queued"})',
    ],
    [
      quantile(0.95, metrics.httpRequestDuration, '5m', ['route'], { method: noneOf('POST', 'PUT') }),
      'histogram_quantile(0.95, sum by (le, route) (rate(http_request_duration_seconds_bucket{method!~"POST|PUT"}[5m])))',
    ],
    [
      rate(sumOf(metrics.jobDuration), '5m')
        .sumBy('pod')
        .dividedBy(rate(countOf(metrics.jobDuration), '5m').sumBy('pod').above(0)),
      'sum by (pod) (rate(worker_job_duration_seconds_sum{}[5m]))\n/ (sum by (pod) (rate(worker_job_duration_seconds_count{}[5m])) > 0)',
    ],
    [
      value(up.api)
        .maxBy('pod')
        .equals(0)
        .unless(value(metrics.buildInfo, { component: 'api' }).countBy('pod'), 'pod'),
      '(max by (pod) (up{}) == 0)\nunless on (pod) count by (pod) (app_build_info{component="api"})',
    ],
    [
      rate(metrics.httpRequests, '5m', { route: anyOf('/v1/jobs', '/a.b'), status_code: like('5..') }).sumBy('route'),
      String.raw`sum by (route) (rate(http_requests_total{route=~"/v1/jobs|/a\\.b",status_code=~"5.."}[5m]))`,
    ],
  ])('%#: is printed', (vector, text) => {
    expect(vector.print(nowhere)).toBe(text);
  });

  test('is about one release in rules', () => {
    expect(value(metrics.jobsActive).print(release)).toBe('worker_jobs_active{namespace="pictures",service="demo-worker"}');
    expect(absent(up.both).print(release)).toBe('absent(up{namespace="pictures",service=~"demo-(api|worker)"})');
    expect(value(container.memory).print(release)).toBe(
      'container_memory_working_set_bytes{namespace="pictures",container=~"api|worker",pod=~"demo-(api|worker)-.+"}',
    );
  });

  test('follows the variables in dashboards, where a shared fact does not depend on pods', () => {
    expect(value(metrics.jobsActive).print(inDashboard)).toBe(
      'worker_jobs_active{namespace="$namespace",job="tintype-worker",job=~"$job",pod=~"$pod"}',
    );
    expect(shared(metrics.oldestQueuedAge).maxBy().print(inDashboard)).toBe(
      'max(jobs_oldest_queued_age_seconds{namespace="$namespace",job="tintype-api"})',
    );
  });
});

test('the compiler refuses what Prometheus would only answer with nothing, or with nonsense', () => {
  const vector = rate(metrics.jobsProcessed, '5m').sumBy('action');
  const mistakes = [
    // @ts-expect-error -- no such metric
    () => rate(metrics.jobsProcesed, '5m'),
    // @ts-expect-error -- no such label
    () => rate(metrics.jobsProcessed, '5m', { state: 'failed' }),
    // @ts-expect-error -- a metric without labels has none
    () => rate(metrics.batchesCreated, '5m', { status: 'failed' }),
    // @ts-expect-error -- no such value
    () => rate(metrics.jobsProcessed, '5m', { status: 'done' }),
    // @ts-expect-error -- no such value among others
    () => rate(metrics.childExits, '5m', { reason: anyOf('crashed', 'bored') }),
    // @ts-expect-error -- the values of a closed label are named, not guessed
    () => rate(metrics.jobsProcessed, '5m', { status: like('fail.*') }),
    // @ts-expect-error -- no such unit of time
    () => rate(metrics.jobsProcessed, '5 minutes'),
    // @ts-expect-error -- a counter says nothing by itself
    () => value(metrics.jobsProcessed),
    // @ts-expect-error -- a gauge has no rate
    () => rate(metrics.jobsActive, '5m'),
    // @ts-expect-error -- nor has a histogram as a whole
    () => rate(metrics.jobDuration, '5m'),
    // @ts-expect-error -- every replica reports it: the sum would be a multiple
    () => shared(metrics.jobsUnfinished).sumBy('status'),
    // @ts-expect-error -- the same
    () => value(metrics.jobsUnfinished),
    // @ts-expect-error -- aggregated away
    () => vector.sumBy('status'),
    // @ts-expect-error -- vectors of other labels never match
    () => vector.dividedBy(rate(metrics.jobsProcessed, '5m').sumBy('status')),
    // @ts-expect-error -- the right side lacks the label
    () => vector.and(value(metrics.jobsActive).sumBy('pod'), 'action'),
    // @ts-expect-error -- a legend of a label that is not there
    () => query(vector, '{{action}} {{status}}'),
    () =>
      alert({
        alert: 'TintypeExample',
        severity: 'warning',
        for: '1m',
        expr: vector,
        summary: '',
        // @ts-expect-error -- a text of a label that is not there
        seen: '{{ $labels.pod }} of {{ $labels.action }}',
        response: '',
        dashboard: 'tintype-overview',
      }),
  ];
  expect(mistakes).toHaveLength(17);
});
