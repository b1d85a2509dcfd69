/**
 * The database is migrated before anything of a new version starts: by a Job before install and upgrade. A bundled PostgreSQL comes
 * up with everything else, and a hook before install would wait for it in vain; so there every pod does it itself first, which is
 * safe at the same time and repeatedly.
 */
import type { App } from 'cdk8s';
import type { IJob } from 'kubernetes-models/batch/v1';
import { items, optional } from '../helm/directives.js';
import { include } from '../helm/expression.js';
import { Manifest, TemplateFile } from '../helm/manifest.js';
import { databaseEnvironment, databaseSecretVolume, secretsMount } from './configuration.js';
import { labelsOf, nameOf } from './names.js';
import { v } from './values.js';

const command = ['node', 'services/api/dist/migrate.js'];

const container = {
  name: 'migrate',
  image: include('tintype.image', { image: v.api.image.all }),
  imagePullPolicy: v.api.image.pullPolicy,
  command,
  resources: v.migration.resources,
  securityContext: v.containerSecurityContext,
  volumeMounts: [secretsMount],
};

export const migratesInPod = v.migration.enabled.and(v.postgresql.enabled);

/** Before the container of a service, when {@link migratesInPod} holds. */
export function migrationContainers(component: 'api' | 'worker') {
  return [
    {
      name: 'wait-for-postgresql',
      image: include('tintype.image', { image: v.postgresql.image.all }),
      imagePullPolicy: v.postgresql.image.pullPolicy,
      command: ['sh', '-c', 'until pg_isready --quiet; do sleep 1; done'],
      env: [
        { name: 'PGHOST', value: nameOf('postgresql') },
        { name: 'PGPORT', value: v.database.port.asText() },
        // Any would do, but the account of the pod has no name to fall back on.
        { name: 'PGUSER', value: v.database.user },
      ],
      resources: v.migration.resources,
      securityContext: v.containerSecurityContext,
    },
    { ...container, envFrom: [{ configMapRef: { name: nameOf(component) } }] },
  ];
}

export function migration(app: App): void {
  const { enabled, extraEnv, extraVolumes, extraVolumeMounts } = v.migration;
  const condition = enabled.and(v.postgresql.enabled.not());
  new Manifest<IJob>(
    new TemplateFile(app, 'migration/job.yaml'),
    'job',
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: nameOf('migration'),
        labels: labelsOf('migration'),
        annotations: {
          'helm.sh/hook': 'pre-install,pre-upgrade',
          'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
        },
      },
      spec: {
        backoffLimit: 3,
        activeDeadlineSeconds: 1800,
        template: {
          metadata: { labels: labelsOf('migration') },
          spec: {
            restartPolicy: 'Never',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            ...optional('imagePullSecrets', v.imagePullSecrets),
            securityContext: v.podSecurityContext,
            containers: [
              {
                ...container,
                env: [...databaseEnvironment, items(extraEnv)],
                volumeMounts: [secretsMount, items(extraVolumeMounts)],
              },
            ],
            volumes: [databaseSecretVolume, items(extraVolumes)],
          },
        },
      },
    },
    condition,
  );
}
