/** The bundled S3 service: versitygw over a volume. */
import type { App } from 'cdk8s';
import { include } from '../helm/expression.js';
import { objectStoragePort, runsObjectStorage } from './configuration.js';
import { fromSecret, store } from './store.js';
import { v } from './values.js';

export function objectStorage(app: App): void {
  const { existingSecret, bucket, region } = v.storage.s3;
  const secret = include('tintype.objectStorageSecret');
  store(app, {
    component: 'object-storage',
    values: v.objectStorage,
    condition: runsObjectStorage,
    port: { name: 's3', containerPort: objectStoragePort },
    user: 1000,
    container: {
      args: ['--port', `:${objectStoragePort}`, '--region', region, '--health', '/health', '--quiet', 'posix', '/data'],
      env: [
        fromSecret('ROOT_ACCESS_KEY', secret, existingSecret.accessKeyIdKey),
        fromSecret('ROOT_SECRET_KEY', secret, existingSecret.secretAccessKeyKey),
      ],
      volumeMounts: [
        // For its locks, which a restart makes anew.
        { name: 'root', mountPath: '/data' },
        // A bucket is a directory: mounted as one, it is there from the start.
        { name: 'data', mountPath: `/data/${bucket}`, subPath: 'bucket' },
        { name: 'tmp', mountPath: '/tmp' },
      ],
    },
    probe: { httpGet: { path: '/health', port: 's3' } },
    volumes: [{ name: 'root', emptyDir: {} }],
    secret: { given: existingSecret.name, keys: [existingSecret.accessKeyIdKey, existingSecret.secretAccessKeyKey] },
  });
}
