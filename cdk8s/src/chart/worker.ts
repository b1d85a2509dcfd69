import type { App } from 'cdk8s';
import type { IService } from 'kubernetes-models/v1';
import { sum } from '../helm/expression.js';
import { Manifest, TemplateFile } from '../helm/manifest.js';
import { labelsOf, nameOf, selectorOf } from './names.js';
import { ports } from './settings.js';
import { v } from './values.js';
import { workload } from './workload.js';

export const workerPort = 'metrics';

export function worker(app: App): void {
  workload(app, {
    component: 'worker',
    port: { name: workerPort, containerPort: ports.worker },
    // Its own time limit for stopping is 10 s above the drain; the pod's is above both.
    terminationGracePeriodSeconds: sum(v.worker.drainSeconds, 20),
  });
  // For Prometheus to find every pod: nobody else talks to a worker.
  new Manifest<IService>(new TemplateFile(app, 'worker/service.yaml'), 'service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: nameOf('worker'), labels: labelsOf('worker') },
    spec: {
      clusterIP: 'None',
      ports: [{ name: workerPort, port: ports.worker, targetPort: workerPort }],
      selector: selectorOf('worker'),
    },
  });
}
