/** What the services are told: environment variables from a ConfigMap, and secrets as files. */
import type { IConfigMap } from 'kubernetes-models/v1';
import type { IIoK8sApiCoreV1EnvVar as EnvVar } from 'kubernetes-models/v1/EnvVar';
import type { IIoK8sApiCoreV1SecretProjection as SecretProjection } from 'kubernetes-models/v1/SecretProjection';
import { itemsFrom, merge, optional, when } from '../helm/directives.js';
import { Expression, include, includeBlock, sum } from '../helm/expression.js';
import type { HelmChart } from '../helm/helm-chart.js';
import { Manifest, TemplateFile, type Templated } from '../helm/manifest.js';
import { labelsOf, nameOf } from './names.js';
import { apiOnly, shared, workerOnly } from './settings.js';
import { v } from './values.js';

type Variables = Readonly<Record<string, Templated<string>>>;

export const usesRedis = v.queue.backend.equals('redis');
export const runsValkey = v.valkey.enabled.and(usesRedis);
export const usesS3 = v.storage.driver.equals('s3');
export const runsObjectStorage = v.objectStorage.enabled.and(usesS3);

const secretsDirectory = '/run/secrets/tintype';
const storageDirectory = '/var/lib/tintype';
export const objectStoragePort = 7070;

const databaseUrl = v.database.existingSecret.urlKey;
const redisUrl = v.redis.existingSecret.urlKey;
/** Without one, the pods have a role of their own. */
const hasS3Secret = v.objectStorage.enabled.or(v.storage.s3.existingSecret.name);
const hasRedisSecret = v.valkey.enabled.or(v.redis.existingSecret.name);

const database: Variables = {
  ...when(
    databaseUrl,
    { DATABASE_URL_FILE: `${secretsDirectory}/DATABASE_URL` },
    {
      PG_HOST: v.database.host.default(defaultHost('postgresql')),
      PG_PORT: v.database.port.asText(),
      PG_USER: v.database.user,
      PG_DBNAME: v.database.name,
      PG_PASSWORD_FILE: `${secretsDirectory}/PG_PASSWORD`,
    },
  ),
  PG_SSL: v.database.ssl,
  QUEUE_BACKEND: v.queue.backend,
};

const redis: Variables = when(usesRedis, {
  ...when(
    redisUrl,
    { REDIS_URL_FILE: `${secretsDirectory}/REDIS_URL` },
    {
      REDIS_HOST: v.redis.host.default(defaultHost('valkey')),
      REDIS_PORT: v.redis.port.asText(),
      ...optional('REDIS_USER', v.redis.user),
      REDIS_DB: v.redis.database.asText(),
      REDIS_TLS: v.redis.tls.asText(),
      ...when(hasRedisSecret, { REDIS_PASSWORD_FILE: `${secretsDirectory}/REDIS_PASSWORD` }),
    },
  ),
});

const storage: Variables = {
  STORAGE_DRIVER: v.storage.driver,
  ...when(
    usesS3,
    {
      S3_BUCKET: v.storage.s3.bucket,
      ...when(
        v.objectStorage.enabled,
        { S3_ENDPOINT: `http://${nameOf('object-storage')}:${objectStoragePort}` },
        optional('S3_ENDPOINT', v.storage.s3.endpoint),
      ),
      S3_REGION: v.storage.s3.region,
      S3_FORCE_PATH_STYLE: v.storage.s3.forcePathStyle.asText(),
      ...when(hasS3Secret, {
        S3_ACCESS_KEY_ID_FILE: `${secretsDirectory}/S3_ACCESS_KEY_ID`,
        S3_SECRET_ACCESS_KEY_FILE: `${secretsDirectory}/S3_SECRET_ACCESS_KEY`,
      }),
    },
    { STORAGE_DIR: storageDirectory },
  ),
};

const tracing: Variables = when(v.tracing.headersSecret.name, {
  OTEL_EXPORTER_OTLP_HEADERS_FILE: `${secretsDirectory}/OTEL_EXPORTER_OTLP_HEADERS`,
});

/** Those that are offered as values of their own; an empty one is left out. */
function offered(settings: typeof shared, values: Readonly<Record<string, Expression<unknown>>>): Variables {
  const entries = Object.entries(settings).map(([name, { default: value }]) => {
    const expression = values[name];
    if (!expression) throw new Error(`There is no value for ${name}`);
    return value === '' ? when(expression, { [name]: expression.asText() }) : { [name]: expression.asText() };
  });
  return Object.assign({}, ...entries) as Variables;
}

function defaultHost(component: 'postgresql' | 'valkey'): Expression<string> {
  return new Expression('text', (root) => `printf "%s-${component}" ${include('tintype.fullname').argument(root)}`);
}

/** The named template with the variables of a service. */
export function configurationOf(component: 'api' | 'worker'): string {
  return `tintype.${component}Configuration`;
}

export function configuration(chart: HelmChart): void {
  chart.define('tintype.configuration', { ...database, ...redis, ...storage, ...tracing, ...offered(shared, v.settings) });
  configMap(chart, 'api', {
    ...offered(apiOnly, v.api.settings),
    SHUTDOWN_TIMEOUT_SECONDS: v.api.shutdownTimeoutSeconds.asText(),
  });
  configMap(chart, 'worker', {
    ...offered(workerOnly, v.worker.settings),
    DRAIN_SECONDS: v.worker.drainSeconds.asText(),
    SHUTDOWN_TIMEOUT_SECONDS: sum(v.worker.drainSeconds, 10).asText(),
  });
}

function configMap(chart: HelmChart, component: 'api' | 'worker', own: Variables): void {
  chart.define(configurationOf(component), {
    ...merge(includeBlock<Record<string, string>>('tintype.configuration')),
    ...own,
  });
  new Manifest<IConfigMap>(new TemplateFile(chart.app, `${component}/configmap.yaml`), 'configmap', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: nameOf(component), labels: labelsOf(component) },
    data: includeBlock<Record<string, string>>(configurationOf(component)),
  });
}

/** What a migration needs, for a container that runs before the ConfigMap is there. */
export const databaseEnvironment: Templated<EnvVar>[] = itemsFrom(database, (name, value) => ({ name, value }));

export const secretsMount = { name: 'secrets', mountPath: secretsDirectory, readOnly: true };
export const storageMount = when(usesS3.not(), { name: 'storage', mountPath: storageDirectory });

const databaseSecret: Templated<{ secret: SecretProjection }> = {
  secret: {
    name: include('tintype.postgresqlSecret'),
    items: [
      when(
        databaseUrl,
        { key: databaseUrl, path: 'DATABASE_URL' },
        { key: v.database.existingSecret.passwordKey, path: 'PG_PASSWORD' },
      ),
    ],
  },
};

const redisSecret: Templated<{ secret: SecretProjection }> = {
  secret: {
    name: include('tintype.valkeySecret'),
    items: [
      when(redisUrl, { key: redisUrl, path: 'REDIS_URL' }, { key: v.redis.existingSecret.passwordKey, path: 'REDIS_PASSWORD' }),
    ],
  },
};

const s3Secret: Templated<{ secret: SecretProjection }> = {
  secret: {
    name: include('tintype.objectStorageSecret'),
    items: [
      { key: v.storage.s3.existingSecret.accessKeyIdKey, path: 'S3_ACCESS_KEY_ID' },
      { key: v.storage.s3.existingSecret.secretAccessKeyKey, path: 'S3_SECRET_ACCESS_KEY' },
    ],
  },
};

const tracingSecret: Templated<{ secret: SecretProjection }> = {
  secret: {
    name: v.tracing.headersSecret.name,
    items: [{ key: v.tracing.headersSecret.key, path: 'OTEL_EXPORTER_OTLP_HEADERS' }],
  },
};

/** As files and not as variables: what a process is started with is shown in more places, and its children inherit it. */
export const secretsVolume = {
  name: 'secrets',
  projected: {
    defaultMode: 0o440,
    sources: [
      databaseSecret,
      when(usesRedis.and(hasRedisSecret), redisSecret),
      when(usesS3.and(hasS3Secret), s3Secret),
      when(v.tracing.headersSecret.name, tracingSecret),
    ],
  },
};

export const databaseSecretVolume = { name: 'secrets', projected: { defaultMode: 0o440, sources: [databaseSecret] } };

export const storageVolume = when(usesS3.not(), {
  name: 'storage',
  persistentVolumeClaim: { claimName: include('tintype.storageClaim') },
});
