import type { App } from 'cdk8s';
import { include } from '../helm/expression.js';
import { fromSecret, store } from './store.js';
import { v } from './values.js';

export function postgresql(app: App): void {
  const { existingSecret, user, name, port } = v.database;
  store(app, {
    component: 'postgresql',
    values: v.postgresql,
    condition: v.postgresql.enabled,
    port: { name: 'postgresql', containerPort: 5432 },
    servicePort: port,
    user: 999,
    container: {
      env: [
        { name: 'POSTGRES_USER', value: user.asText() },
        { name: 'POSTGRES_DB', value: name.asText() },
        fromSecret('POSTGRES_PASSWORD', include('tintype.postgresqlSecret'), existingSecret.passwordKey),
        // Below the volume, whose root may hold files of its own (lost+found).
        { name: 'PGDATA', value: '/var/lib/postgresql/data/pgdata' },
      ],
      volumeMounts: [
        { name: 'data', mountPath: '/var/lib/postgresql/data' },
        { name: 'run', mountPath: '/var/run/postgresql' },
        { name: 'tmp', mountPath: '/tmp' },
      ],
    },
    // By address: while it initializes the database, it listens at the socket only.
    probe: { exec: { command: ['pg_isready', '--quiet', '--host=127.0.0.1', `--username=${user}`, `--dbname=${name}`] } },
    volumes: [{ name: 'run', emptyDir: {} }],
    secret: { given: existingSecret.name, keys: [existingSecret.passwordKey] },
  });
}
