export { isOnlyOnClusters } from './coverage.js';
export { Prometheus } from './programs/prometheus.js';
export { run } from './run.js';
