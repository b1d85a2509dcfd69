import type { App } from 'cdk8s';
import { include } from '../helm/expression.js';
import { runsValkey } from './configuration.js';
import { fromSecret, store } from './store.js';
import { v } from './values.js';

export function valkey(app: App): void {
  const { existingSecret, port } = v.redis;
  store(app, {
    component: 'valkey',
    values: v.valkey,
    condition: runsValkey,
    port: { name: 'valkey', containerPort: 6379 },
    servicePort: port,
    user: 999,
    container: {
      // The queue must not lose messages when the memory is full, nor in a restart.
      args: ['--requirepass', '$(VALKEY_PASSWORD)', '--maxmemory-policy', 'noeviction', '--appendonly', 'yes', '--dir', '/data'],
      env: [fromSecret('VALKEY_PASSWORD', include('tintype.valkeySecret'), existingSecret.passwordKey)],
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'tmp', mountPath: '/tmp' },
      ],
    },
    probe: { exec: { command: ['sh', '-c', 'test "$(REDISCLI_AUTH="$VALKEY_PASSWORD" valkey-cli ping)" = PONG'] } },
    volumes: [],
    secret: { given: existingSecret.name, keys: [existingSecret.passwordKey] },
  });
}
