import { api, ofApi, ofWorker, otherWorker, type Scenario, worker } from '../scenario.js';

export const podsScenarios: readonly Scenario[] = [
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

  {
    alert: 'TintypeMetricsMissing',
    about: 'a pod of the API answers with something else',
    series: {
      [`up{${api},pod="a"}`]: '1x20',
      [`up{${worker},pod="b"}`]: '1x20',
      [`worker_jobs_processed_total{${worker},pod="b",action="resize",status="completed"}`]: '0x20',
    },
    at: '12m',
    fires: { labels: ofApi, seen: 'Prometheus reads pods of demo-tintype-api and finds no metric of Tintype.' },
  },
  {
    alert: 'TintypeMetricsMissing',
    about: 'only the worker of another release has metrics',
    series: {
      [`up{${worker},pod="b"}`]: '1x20',
      [`worker_jobs_processed_total{${otherWorker},pod="d",action="resize",status="completed"}`]: '0x20',
    },
    at: '12m',
    fires: { labels: ofWorker, seen: 'Prometheus reads pods of demo-tintype-worker and finds no metric of Tintype.' },
  },
  {
    alert: 'TintypeMetricsMissing',
    about: 'there is no pod that could have any',
    series: { [`up{${api},pod="a"}`]: '0x20' },
    at: '15m',
  },

  {
    alert: 'TintypePodOutOfMemory',
    about: 'a worker is killed for its memory',
    series: {
      'kube_pod_container_status_restarts_total{namespace="pictures",pod="demo-tintype-worker-7d-x",container="worker"}':
        '0x30 1x60',
      'kube_pod_container_status_last_terminated_reason{namespace="pictures",pod="demo-tintype-worker-7d-x",container="worker",reason="OOMKilled"}':
        '_x30 1x60',
    },
    at: '80m',
    fires: {
      labels: { namespace: 'pictures', pod: 'demo-tintype-worker-7d-x' },
      seen: 'Pod demo-tintype-worker-7d-x restarted 1 times in an hour, the last time out of memory.',
    },
  },
  {
    alert: 'TintypePodOutOfMemory',
    about: 'that was yesterday, or it ended with an error',
    series: {
      'kube_pod_container_status_restarts_total{namespace="pictures",pod="demo-tintype-worker-7d-x",container="worker"}': '1x90',
      'kube_pod_container_status_last_terminated_reason{namespace="pictures",pod="demo-tintype-worker-7d-x",container="worker",reason="OOMKilled"}':
        '1x90',
      'kube_pod_container_status_restarts_total{namespace="pictures",pod="demo-tintype-worker-7d-y",container="worker"}':
        '0x30 1x60',
      'kube_pod_container_status_last_terminated_reason{namespace="pictures",pod="demo-tintype-worker-7d-y",container="worker",reason="Error"}':
        '_x30 1x60',
    },
    at: '80m',
  },

  {
    alert: 'TintypeEventLoopSaturated',
    about: 'one of two pods has no time left',
    series: {
      [`nodejs_eventloop_time_seconds_total{${api},pod="a",state="active"}`]: '0+57x30',
      [`nodejs_eventloop_time_seconds_total{${api},pod="a",state="idle"}`]: '0+3x30',
      [`nodejs_eventloop_time_seconds_total{${api},pod="b",state="active"}`]: '0+3x30',
      [`nodejs_eventloop_time_seconds_total{${api},pod="b",state="idle"}`]: '0+57x30',
    },
    at: '20m',
    fires: { labels: { ...ofApi, pod: 'a' }, seen: 'The event loop of pod a is busy for 95% of the time.' },
  },
  {
    alert: 'TintypeEventLoopSaturated',
    about: 'it is busy for half of the time',
    series: {
      [`nodejs_eventloop_time_seconds_total{${api},pod="a",state="active"}`]: '0+30x30',
      [`nodejs_eventloop_time_seconds_total{${api},pod="a",state="idle"}`]: '0+30x30',
    },
    at: '25m',
  },

  {
    alert: 'TintypeVersionSkew',
    about: 'an update got stuck',
    series: {
      [`app_build_info{${api},pod="a",component="api",version="1.0.0",node_version="24"}`]: '1x80',
      [`app_build_info{${api},pod="b",component="api",version="1.1.0",node_version="24"}`]: '1x80',
    },
    at: '70m',
    fires: { labels: ofApi, seen: '2 versions of demo-tintype-api run in pictures.' },
  },
  {
    alert: 'TintypeVersionSkew',
    about: 'an update takes half an hour',
    series: {
      [`app_build_info{${api},pod="a",component="api",version="1.0.0",node_version="24"}`]: '1x30',
      [`app_build_info{${api},pod="b",component="api",version="1.1.0",node_version="24"}`]: '_x5 1x90',
      [`app_build_info{${api},pod="c",component="api",version="1.1.0",node_version="24"}`]: '_x29 1x90',
    },
    at: '90m',
  },
];
