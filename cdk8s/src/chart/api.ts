import type { App } from 'cdk8s';
import type { IService } from 'kubernetes-models/v1';
import { optional } from '../helm/directives.js';
import { sum } from '../helm/expression.js';
import { Manifest, TemplateFile } from '../helm/manifest.js';
import { labelsOf, nameOf, selectorOf } from './names.js';
import { ports } from './settings.js';
import { v } from './values.js';
import { workload } from './workload.js';

/** Its port by name. Metrics and probes are on it too, so only the paths of {@link publicPaths} are routed to from outside. */
export const apiPort = 'http';

/** The API and its documentation. */
export const publicPaths = [
  { path: '/v1', exact: false },
  { path: '/docs', exact: false },
  { path: '/openapi.json', exact: true },
  { path: '/', exact: true },
];

export function api(app: App): void {
  workload(app, {
    component: 'api',
    port: { name: apiPort, containerPort: ports.api },
    // The pause before the stop, the time for requests in progress, and some to spare.
    terminationGracePeriodSeconds: sum(v.api.drainDelaySeconds, v.api.shutdownTimeoutSeconds, 10),
    container: { lifecycle: { preStop: { sleep: { seconds: v.api.drainDelaySeconds } } } },
  });
  new Manifest<IService>(new TemplateFile(app, 'api/service.yaml'), 'service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: nameOf('api'), labels: labelsOf('api'), ...optional('annotations', v.api.service.annotations) },
    spec: {
      type: v.api.service.type,
      ports: [{ name: apiPort, port: v.api.service.port, targetPort: apiPort }],
      selector: selectorOf('api'),
    },
  });
}
