/** Every metric that rules and dashboards read and Tintype does not export. */
import type { Kind, Labels } from '@tintype/metrics';
import type { Exporter, Series } from './series.js';

function external<const L extends Labels, const K extends Kind, const E extends Exporter>(
  kind: K,
  name: string,
  owner: E,
  labels: L,
): Series<L, K, 'instance', E> {
  return { kind, name, owner, labels, scope: 'instance' };
}

const containers = { namespace: 'open', pod: 'open', container: 'open' } as const;
const resources = { ...containers, resource: ['cpu', 'memory'] } as const;

/** Of Prometheus itself: whether the last scrape of a target worked. */
export const up = {
  api: external('gauge', 'up', 'api', {}),
  worker: external('gauge', 'up', 'worker', {}),
  both: external('gauge', 'up', 'both', {}),
} as const;

/** Of prom-client: when the process started. */
export const processStart = { worker: external('gauge', 'process_start_time_seconds', 'worker', {}) } as const;

/** Of the kubelet (cAdvisor) and of kube-state-metrics, both of which kube-prometheus-stack scrapes. */
export const container = {
  cpu: external('counter', 'container_cpu_usage_seconds_total', 'cluster', containers),
  memory: external('gauge', 'container_memory_working_set_bytes', 'cluster', containers),
  limits: external('gauge', 'kube_pod_container_resource_limits', 'cluster', resources),
  requests: external('gauge', 'kube_pod_container_resource_requests', 'cluster', resources),
  restarts: external('counter', 'kube_pod_container_status_restarts_total', 'cluster', containers),
} as const;

export const externalSeries: readonly Series[] = [
  ...Object.values(up),
  ...Object.values(processStart),
  ...Object.values(container),
];
