export { metrics, metricsOf } from './catalogue.js';
export { type Kind, labelCombinations, type Labels, type LabelsOf, type LabelValues, type Metric, type Scope } from './define.js';
export { metricsReference } from './reference.js';
export { probeRoutes } from './routes.js';
