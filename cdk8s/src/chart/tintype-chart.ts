/** The chart: every file of charts/tintype. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Files, HelmChart } from '../helm/helm-chart.js';
import { api } from './api.js';
import { configuration } from './configuration.js';
import { migration } from './migration.js';
import { dashboardsInChart, monitoring } from './monitoring.js';
import { networkPolicies } from './network-policies.js';
import { objectStorage } from './object-storage.js';
import { postgresql } from './postgresql.js';
import { readme } from './readme.js';
import { routes } from './routes.js';
import { smokeTest } from './smoke-test.js';
import { storageClaim } from './storage-claim.js';
import { values } from './values.js';
import { valkey } from './valkey.js';
import { worker } from './worker.js';

const { version, license } = createRequire(import.meta.url)('../../package.json') as { version: string; license: string };

const origin = 'Generated from cdk8s/: change it there, then `make generate`.';

/** Written by hand, as they have logic or are prose. */
const handwritten = ['_helpers.tpl', 'NOTES.txt', 'extra-objects.yaml'];

const metadata = {
  apiVersion: 'v2',
  name: 'tintype',
  description: 'Asynchronous image processing that ships its own monitoring',
  type: 'application',
  version,
  appVersion: version,
  kubeVersion: '>=1.30.0-0',
  keywords: ['image', 'image-processing', 'sharp', 'thumbnails'],
  annotations: { 'artifacthub.io/category': 'integration-delivery', 'artifacthub.io/license': license },
};

export function tintypeChart(): Files {
  const files = {
    'README.md': readme(origin),
    ...dashboardsInChart(),
    ...Object.fromEntries(handwritten.map((name) => [`templates/${name}`, template(name)])),
  };
  const chart = new HelmChart({ metadata, values, files, origin });
  const { app } = chart;
  configuration(chart);
  api(app);
  worker(app);
  migration(app);
  postgresql(app);
  valkey(app);
  objectStorage(app);
  storageClaim(app);
  routes(app);
  networkPolicies(app);
  monitoring(app);
  smokeTest(app);
  return chart.render();
}

function template(name: string): string {
  return readFileSync(new URL(`../../templates/${name}`, import.meta.url), 'utf8');
}
