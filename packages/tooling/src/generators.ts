/**
 * Every file that a command writes, beside the operations' index (which the build needs, so packages/operations writes it in plain
 * JavaScript). `make generate` writes them, `make verify` fails where one differs.
 */
export interface Generator {
  /** As in `make generate/<name>`. */
  readonly name: string;
  /** What it writes, by the path from the root of the checkout. */
  files(): Promise<Readonly<Record<string, string>>>;
}

const reference = 'docs/reference';
const chart = 'charts/tintype';

/** Whatever lies here and is not generated is out of date, but for what is written by hand. */
export const generatedDirectories: readonly string[] = [reference, chart];
export const writtenByHand: readonly string[] = [`${reference}/examples.md`];

/** Each loads what it needs when it is asked: one of them alone is quick. */
export const generators: readonly Generator[] = [
  {
    name: 'chart',
    files: async () => {
      const files = (await import('@tintype/cdk8s')).tintypeChart();
      return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${chart}/${path}`, content]));
    },
  },
  file('alerts', `${reference}/alerts.md`, async () => (await import('@tintype/monitoring')).alertsReference()),
  file('errors', `${reference}/errors.md`, async () => (await import('./reference/errors.js')).errorsReference()),
  file('inhibit-rules', `${reference}/inhibit-rules.yaml`, async () => (await import('@tintype/monitoring')).inhibitRulesPage()),
  file('metrics', `${reference}/metrics.md`, async () => (await import('@tintype/metrics')).metricsReference()),
  file('openapi', `${reference}/openapi.json`, async () => (await import('./reference/openapi.js')).openapi()),
  file('operations', `${reference}/operations.md`, async () => (await import('@tintype/operations')).operationsReference()),
  { name: 'runbooks', files: async () => (await import('./reference/runbooks.js')).runbooks() },
  file('settings', `${reference}/settings.md`, async () => (await import('./reference/settings.js')).settingsPage()),
  file('diagram', 'docs/architecture.svg', async () => (await import('./diagram.js')).architectureDiagram()),
  file('schema', 'packages/jobs/schema.sql', async () => (await import('./reference/database-schema.js')).databaseSchema()),
];

function file(name: string, path: string, content: () => Promise<string>): Generator {
  return { name, files: async () => ({ [path]: await content() }) };
}
