/**
 * Every file that a command writes, beside the operations' index (which the build needs, so packages/operations writes it in plain
 * JavaScript). `make generate` writes them, `make verify` fails where one differs.
 */
export interface Generator {
  /** As in `make generate/<name>`. */
  readonly name: string;
  /** The file that it writes, from the root of the checkout. */
  readonly path: string;
  content(): Promise<string>;
}

/** Whatever lies here and is not generated is out of date. */
export const generatedDirectory = 'docs/reference';

/** Each loads what it needs when it is asked: one of them alone is quick. */
export const generators: readonly Generator[] = [
  {
    name: 'errors',
    path: `${generatedDirectory}/errors.md`,
    content: async () => (await import('./reference/errors.js')).errorsReference(),
  },
  {
    name: 'metrics',
    path: `${generatedDirectory}/metrics.md`,
    content: async () => (await import('@tintype/metrics')).metricsReference(),
  },
  {
    name: 'openapi',
    path: `${generatedDirectory}/openapi.json`,
    content: async () => (await import('./reference/openapi.js')).openapi(),
  },
  {
    name: 'operations',
    path: `${generatedDirectory}/operations.md`,
    content: async () => (await import('@tintype/operations')).operationsReference(),
  },
  {
    name: 'settings',
    path: `${generatedDirectory}/settings.md`,
    content: async () => (await import('./reference/settings.js')).settingsPage(),
  },
  {
    name: 'schema',
    path: 'packages/jobs/schema.sql',
    content: async () => (await import('./reference/database-schema.js')).databaseSchema(),
  },
];
