/** Every alert on series by which it must fire, and on series that come close and by which it must not. */
import { ruleDeclarations } from './alerts.js';
import { type AlertingRule, recordingsThatMayBeEmpty, ruleGroups } from './index.js';
import { checkRules, testRules } from './spec/promtool.js';

const groups = ruleGroups({ namespace: 'pictures', fullname: 'demo-tintype' });
const rules = new Map(
  groups.flatMap((group) => group.rules.flatMap((rule) => ('alert' in rule ? [[rule.alert, rule] as const] : []))),
);

const api = 'namespace="pictures",job="tintype-api",service="demo-tintype-api"';
const worker = 'namespace="pictures",job="tintype-worker",service="demo-tintype-worker"';
/** Another release in the same namespace. */
const otherApi = 'namespace="pictures",job="tintype-api",service="other-tintype-api"';
const otherWorker = 'namespace="pictures",job="tintype-worker",service="other-tintype-worker"';

const ofApi = { namespace: 'pictures', service: 'demo-tintype-api' };
const ofWorker = { namespace: 'pictures', service: 'demo-tintype-worker' };

type Series = Readonly<Record<string, string>>;

interface Scenario {
  readonly alert: string;
  readonly about: string;
  readonly series: Series;
  readonly at: string;
  /** What it says, and about whom; absent where it must be quiet. */
  readonly fires?: { readonly labels: object; readonly seen: string };
}

const scenarios: readonly Scenario[] = [
  {
    alert: 'TintypeApiDown',
    about: 'no pod answers',
    series: { [`up{${api},pod="a"}`]: '1 0x10', [`up{${otherApi},pod="b"}`]: '1x10' },
    at: '4m',
    fires: { labels: ofApi, seen: 'Prometheus reaches no pod of demo-tintype-api in pictures.' },
  },
  {
    alert: 'TintypeApiDown',
    about: 'there is no pod at all',
    series: { [`up{${worker},pod="a"}`]: '1x10' },
    at: '3m',
    fires: { labels: ofApi, seen: 'Prometheus reaches no pod of demo-tintype-api in pictures.' },
  },
  {
    alert: 'TintypeApiDown',
    about: 'one of two pods answers',
    series: { [`up{${api},pod="a"}`]: '0x10', [`up{${api},pod="b"}`]: '1x10' },
    at: '10m',
  },

  {
    alert: 'TintypeApiErrors',
    about: 'one request in ten fails',
    series: {
      [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="202"}`]: '0+90x20',
      [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="503"}`]: '0+10x20',
    },
    at: '15m',
    fires: { labels: ofApi, seen: '10% of the requests to demo-tintype-api failed in five minutes.' },
  },
  {
    alert: 'TintypeApiErrors',
    about: 'few requests fail, and all probes',
    series: {
      [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="202"}`]: '0+96x20',
      [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="500"}`]: '0+4x20',
      [`http_requests_total{${api},method="GET",route="/readyz",status_code="503"}`]: '0+100x20',
    },
    at: '15m',
  },
  {
    alert: 'TintypeApiErrors',
    about: 'all of hardly any requests fail',
    series: { [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="500"}`]: '0+1x20' },
    at: '15m',
  },

  {
    alert: 'TintypeApiSlow',
    about: 'lists take more than a second',
    series: durations('method="GET",route="/v1/jobs",status_class="2xx"'),
    at: '25m',
    fires: { labels: ofApi, seen: 'One in twenty of them takes longer than 2.425s on demo-tintype-api.' },
  },
  {
    alert: 'TintypeApiSlow',
    about: 'uploads and requests that wait take more than a second',
    series: {
      ...durations('method="POST",route="/v1/jobs",status_class="2xx"'),
      ...durations('method="GET",route="/v1/jobs/:id",status_class="2xx"'),
      ...durations('method="GET",route="/v1/jobs/:id/outputs/:name",status_class="2xx"'),
    },
    at: '25m',
  },

  {
    alert: 'TintypeStorageFull',
    about: 'uploads find no space',
    series: { [`image_uploads_rejected_total{${api},reason="out_of_space"}`]: '0+1x20' },
    at: '15m',
    fires: { labels: ofApi, seen: 'demo-tintype-api refused 10 uploads in ten minutes.' },
  },
  {
    alert: 'TintypeStorageFull',
    about: 'uploads are too large',
    series: {
      [`image_uploads_rejected_total{${api},reason="too_large"}`]: '0+1x20',
      [`image_uploads_rejected_total{${api},reason="out_of_space"}`]: '3x20',
    },
    at: '15m',
  },

  {
    alert: 'TintypeBacklogFull',
    about: 'new jobs are refused',
    series: { [`jobs_refused_total{${api},reason="backlog"}`]: '0+1x20' },
    at: '15m',
    fires: { labels: ofApi, seen: 'demo-tintype-api refused 5 requests for new jobs in five minutes.' },
  },
  {
    alert: 'TintypeBacklogFull',
    about: 'some were refused an hour ago',
    series: { [`jobs_refused_total{${api},reason="backlog"}`]: '50x20' },
    at: '15m',
  },

  {
    alert: 'TintypeWebhooksLate',
    about: 'a delivery is due and nobody sends it, as both pods of the API say',
    series: {
      [`webhook_oldest_pending_age_seconds{${api},pod="a"}`]: '0+60x20',
      [`webhook_oldest_pending_age_seconds{${api},pod="b"}`]: '0+60x20',
    },
    at: '10m',
    fires: { labels: ofApi, seen: 'A delivery has been due for 10m 0s in pictures.' },
  },
  {
    alert: 'TintypeWebhooksLate',
    about: 'deliveries take a minute',
    series: { [`webhook_oldest_pending_age_seconds{${api},pod="a"}`]: '60x20' },
    at: '15m',
  },

  {
    alert: 'TintypeWebhooksFailing',
    about: 'three attempts of four fail',
    series: {
      [`webhook_attempts_total{${api},outcome="delivered"}`]: '0+1x40',
      [`webhook_attempts_total{${api},outcome="failed"}`]: '0+2x40',
      [`webhook_attempts_total{${api},outcome="refused"}`]: '0+1x40',
    },
    at: '35m',
    fires: {
      labels: ofApi,
      seen: '75% of the requests of demo-tintype-api to webhook endpoints failed in 15 minutes.',
    },
  },
  {
    alert: 'TintypeWebhooksFailing',
    about: 'a third fails, or all of hardly any',
    series: {
      [`webhook_attempts_total{${api},outcome="delivered"}`]: '0+2x40',
      [`webhook_attempts_total{${api},outcome="failed"}`]: '0+1x40',
      [`webhook_attempts_total{${otherApi},outcome="failed"}`]: '0+1x40',
    },
    at: '35m',
  },

  {
    alert: 'TintypeWebhooksGivenUp',
    about: 'a delivery was given up',
    series: { [`webhook_deliveries_failed_total{${api}}`]: '0x10 1x10' },
    at: '14m',
    fires: { labels: ofApi, seen: 'demo-tintype-api gave 1 deliveries up in an hour.' },
  },
  {
    alert: 'TintypeWebhooksGivenUp',
    about: 'that was long ago',
    series: { [`webhook_deliveries_failed_total{${api}}`]: '7x90' },
    at: '80m',
  },

  {
    alert: 'TintypeRetentionStalled',
    about: 'no worker has had a round that succeeded for more than an hour',
    series: {
      [`upkeep_last_success_timestamp_seconds{${worker},pod="a",task="retention"}`]: '60x120',
      [`upkeep_last_success_timestamp_seconds{${worker},pod="b",task="retention"}`]: '0x120',
    },
    at: '81m',
    fires: {
      labels: ofWorker,
      seen: 'No round of the retention of demo-tintype-worker has succeeded for 1h 20m 0s.',
    },
  },
  {
    alert: 'TintypeRetentionStalled',
    about: 'no round has succeeded since the workers were started',
    series: { [`process_start_time_seconds{${worker},pod="a"}`]: '60x120' },
    at: '81m',
    fires: { labels: ofWorker, seen: 'No round of the retention of demo-tintype-worker has succeeded for 1h 20m 0s.' },
  },
  {
    alert: 'TintypeRetentionStalled',
    about: 'one of two workers does it for both',
    series: {
      [`upkeep_last_success_timestamp_seconds{${worker},pod="a",task="retention"}`]: '0+60x120',
      [`upkeep_last_success_timestamp_seconds{${worker},pod="b",task="retention"}`]: '0x120',
      [`upkeep_last_success_timestamp_seconds{${worker},pod="a",task="orphans"}`]: '0x120',
    },
    at: '100m',
  },

  {
    alert: 'TintypeNoWorkers',
    about: 'jobs are queued, as both pods of the API say, and only the other release has a worker',
    series: {
      [`jobs_unfinished{${api},pod="a",status="queued"}`]: '3x20',
      [`jobs_unfinished{${api},pod="b",status="queued"}`]: '3x20',
      [`up{${worker},pod="c"}`]: '0x20',
      [`up{${otherWorker},pod="d"}`]: '1x20',
    },
    at: '6m',
    fires: { labels: ofApi, seen: '3 jobs are queued in pictures, and no worker answers Prometheus.' },
  },
  {
    alert: 'TintypeNoWorkers',
    about: 'jobs are queued, and there is a worker',
    series: {
      [`jobs_unfinished{${api},pod="a",status="queued"}`]: '3x20',
      [`up{${worker},pod="c"}`]: '0x20',
      [`up{${worker},pod="d"}`]: '1x20',
    },
    at: '15m',
  },
  {
    alert: 'TintypeNoWorkers',
    about: 'there is no worker, and nothing to do',
    series: { [`jobs_unfinished{${api},pod="a",status="queued"}`]: '0x20' },
    at: '15m',
  },

  {
    alert: 'TintypeQueueStuck',
    about: 'jobs are only ever retried',
    series: {
      [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '0+60x30',
      [`up{${worker},pod="c"}`]: '1x30',
      [`worker_job_attempts_total{${worker},outcome="completed"}`]: '5x30',
      [`worker_job_attempts_total{${worker},outcome="retried"}`]: '0+1x30',
    },
    at: '15m',
    fires: { labels: ofApi, seen: 'A job has waited for 15m 0s in pictures, and none ended in five minutes.' },
  },
  {
    alert: 'TintypeQueueStuck',
    about: 'jobs wait, but some end',
    series: {
      [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '0+60x30',
      [`up{${worker},pod="c"}`]: '1x30',
      [`worker_job_attempts_total{${worker},outcome="failed"}`]: '0+1x30',
    },
    at: '15m',
  },

  {
    alert: 'TintypeQueueSlow',
    about: 'a job has waited for three minutes',
    series: { [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '180x20' },
    at: '11m',
    fires: { labels: ofApi, seen: 'A job has waited for 3m 0s in pictures.' },
  },
  {
    alert: 'TintypeQueueSlow',
    about: 'a job has waited for less than two',
    series: { [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '110x20' },
    at: '20m',
  },

  {
    alert: 'TintypeGaugeUnreadable',
    about: 'reads fail',
    series: { [`metrics_collect_failures_total{${api},pod="a",metric="jobs_unfinished"}`]: '0+2x20' },
    at: '12m',
    fires: { labels: { ...ofApi, metric: 'jobs_unfinished' }, seen: 'demo-tintype-api failed to read jobs_unfinished.' },
  },
  {
    alert: 'TintypeGaugeUnreadable',
    about: 'reads failed long ago',
    series: { [`metrics_collect_failures_total{${api},pod="a",metric="jobs_unfinished"}`]: '7x20' },
    at: '12m',
  },

  {
    alert: 'TintypeJobsFailing',
    about: 'a third of the outputs fail',
    series: {
      [`worker_jobs_processed_total{${worker},action="resize",status="failed"}`]: '0+1x40',
      [`worker_jobs_processed_total{${worker},action="resize",status="completed"}`]: '0+2x40',
    },
    at: '30m',
    fires: { labels: ofWorker, seen: '33.33% of the outputs of demo-tintype-worker failed in 15 minutes.' },
  },
  {
    alert: 'TintypeJobsFailing',
    about: 'a fifth of the outputs fail, and all of the other release',
    series: {
      [`worker_jobs_processed_total{${worker},action="resize",status="failed"}`]: '0+1x40',
      [`worker_jobs_processed_total{${worker},action="resize",status="completed"}`]: '0+4x40',
      [`worker_jobs_processed_total{${otherWorker},action="resize",status="failed"}`]: '0+9x40',
    },
    at: '30m',
  },
  {
    alert: 'TintypeJobsFailing',
    about: 'all of a few outputs fail',
    series: { [`worker_jobs_processed_total{${worker},action="resize",status="failed"}`]: '0+0.5x40' },
    at: '30m',
  },

  {
    alert: 'TintypeWorkersSaturated',
    about: 'every worker is busy, and a job waits',
    series: {
      [`worker_jobs_active{${worker},pod="c"}`]: '2x30',
      [`worker_jobs_active{${worker},pod="d"}`]: '2x30',
      [`worker_concurrency{${worker},pod="c"}`]: '2x30',
      [`worker_concurrency{${worker},pod="d"}`]: '2x30',
      [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '45x30',
    },
    at: '20m',
    fires: { labels: ofWorker, seen: '100% of what demo-tintype-worker may run at once is in use.' },
  },
  {
    alert: 'TintypeWorkersSaturated',
    about: 'every worker is busy, and no job waits',
    series: {
      [`worker_jobs_active{${worker},pod="c"}`]: '2x30',
      [`worker_concurrency{${worker},pod="c"}`]: '2x30',
      [`jobs_oldest_queued_age_seconds{${api},pod="a"}`]: '1x30',
    },
    at: '25m',
  },

  {
    alert: 'TintypeChildCrashes',
    about: 'image processes crash',
    series: { [`worker_child_exits_total{${worker},pod="c",reason="crashed"}`]: '0+1x30' },
    at: '20m',
    fires: {
      labels: { ...ofWorker, reason: 'crashed' },
      seen: '15 image processes of demo-tintype-worker ended in 15 minutes: crashed.',
    },
  },
  {
    alert: 'TintypeChildCrashes',
    about: 'image processes are recycled, and three crash in a quarter of an hour',
    series: {
      [`worker_child_exits_total{${worker},pod="c",reason="recycled"}`]: '0+5x30',
      [`worker_child_exits_total{${worker},pod="c",reason="crashed"}`]: '0+0.2x30',
    },
    at: '25m',
  },

  {
    alert: 'TintypeJobsPostponed',
    about: 'the storage is away',
    series: { [`worker_job_attempts_total{${worker},pod="c",outcome="postponed"}`]: '0+4x30' },
    at: '20m',
    fires: { labels: ofWorker, seen: 'demo-tintype-worker put jobs off 20 times in five minutes.' },
  },
  {
    alert: 'TintypeJobsPostponed',
    about: 'the storage did not answer two jobs',
    series: { [`worker_job_attempts_total{${worker},pod="c",outcome="postponed"}`]: '0x5 2x40' },
    at: '9m',
  },

  {
    alert: 'TintypeLeasesExpiring',
    about: 'leases expire all the time',
    series: { [`worker_leases_expired_total{${worker},pod="c"}`]: '0+1x40' },
    at: '30m',
    fires: { labels: ofWorker, seen: '10 leases expired on demo-tintype-worker in ten minutes.' },
  },
  {
    alert: 'TintypeLeasesExpiring',
    about: 'a worker has died once',
    series: { [`worker_leases_expired_total{${worker},pod="c"}`]: '0x5 4x40' },
    at: '14m',
  },

  {
    alert: 'TintypeTargetDown',
    about: 'a pod does not answer',
    series: { [`up{${worker},pod="c"}`]: '0x20', [`up{${worker},pod="d"}`]: '1x20' },
    at: '11m',
    fires: {
      labels: { namespace: 'pictures', job: 'tintype-worker', pod: 'c' },
      seen: 'Prometheus cannot read the metrics of pod c.',
    },
  },
  {
    alert: 'TintypeTargetDown',
    about: 'a pod starts slowly, and one of the other release is down',
    series: { [`up{${worker},pod="c"}`]: '0x5 1x20', [`up{${otherWorker},pod="d"}`]: '0x20' },
    at: '15m',
  },

  {
    alert: 'TintypePodRestarting',
    about: 'a pod of the API restarts',
    series: {
      'kube_pod_container_status_restarts_total{namespace="pictures",pod="demo-tintype-api-7d-x",container="api"}': '0+0.1x90',
    },
    at: '80m',
    fires: {
      labels: { namespace: 'pictures', pod: 'demo-tintype-api-7d-x' },
      seen: 'Pod demo-tintype-api-7d-x restarted 6 times in an hour.',
    },
  },
  {
    alert: 'TintypePodRestarting',
    about: 'pods of others restart',
    series: {
      'kube_pod_container_status_restarts_total{namespace="pictures",pod="demo-tintype-postgresql-0",container="postgresql"}':
        '0+1x90',
      'kube_pod_container_status_restarts_total{namespace="pictures",pod="other-tintype-api-7d-x",container="api"}': '0+1x90',
      'kube_pod_container_status_restarts_total{namespace="elsewhere",pod="demo-tintype-api-7d-x",container="api"}': '0+1x90',
    },
    at: '80m',
  },
];

test('are rules that Prometheus takes without complaint', () => {
  expect(checkRules(groups)).toBe('');
});

test.each(scenarios.filter(({ fires }) => fires))('$alert fires when $about', ({ alert, series, at, fires }) => {
  const rule = ruleOf(alert);
  const { response } = declarationOf(alert);
  const expected = {
    exp_labels: { ...fires?.labels, severity: rule.labels.severity },
    exp_annotations: { summary: rule.annotations.summary, description: `${fires?.seen} ${response}` },
  };
  expect(testRules(groups, { series, at, alertname: alert, expected: [expected] })).toBe('');
});

test.each(scenarios.filter(({ fires }) => !fires))('$alert is quiet when $about', ({ alert, series, at }) => {
  expect(testRules(groups, { series, at, alertname: alert, expected: [] })).toBe('');
});

test.each([...rules.keys()])('%s has a test of either kind', (alert) => {
  const kinds = scenarios.filter((each) => each.alert === alert).map(({ fires }) => (fires ? 'fires' : 'quiet'));
  expect(new Set(kinds)).toEqual(new Set(['fires', 'quiet']));
});

test('every expression is about one release', () => {
  for (const { rules: all } of groups) {
    for (const { expr } of all) {
      for (const [selector] of expr.matchAll(/\{[^}]*\}/g)) {
        expect(selector).toMatch(/^\{namespace="pictures",.*demo-tintype/);
      }
    }
  }
});

test('every recording is read by an alert', () => {
  const expressions = [...rules.values()].map(({ expr }) => expr).join('\n');
  for (const { record } of ruleDeclarations.flatMap((group) => group.recordings)) expect(expressions).toContain(`${record}{`);
});

test('recordings say which of them may be missing', () => {
  expect(recordingsThatMayBeEmpty()).toMatchObject({ 'service:worker_jobs_failed:ratio_rate15m': 'No output ended lately.' });
  expect(recordingsThatMayBeEmpty()).not.toHaveProperty('service:jobs_queued:max');
});

/** Ten requests a minute, each between 1 and 2.5 seconds. */
function durations(labels: string): Series {
  const name = (suffix: string, more = '') => `http_request_duration_seconds_${suffix}{${api},${labels}${more}}`;
  return {
    [name('bucket', ',le="1"')]: '0x30',
    [name('bucket', ',le="2.5"')]: '0+10x30',
    [name('bucket', ',le="+Inf"')]: '0+10x30',
    [name('count')]: '0+10x30',
  };
}

function ruleOf(alert: string): AlertingRule {
  const rule = rules.get(alert);
  if (!rule) throw new Error(`There is no ${alert}`);
  return rule;
}

function declarationOf(name: string) {
  return ruleDeclarations.flatMap(({ alerts }) => alerts).find(({ alert }) => alert === name)!;
}
