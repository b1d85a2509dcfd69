import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Complaint } from './complaint.js';

/** The checkout that this file was built in. */
export const root = fileURLToPath(new URL('../../../..', import.meta.url));

export interface RunSettings {
  /** PostgreSQL's data, stored images and logs. */
  readonly dataDirectory: string;
  /** Where the results of the sample job go. */
  readonly outDirectory: string;
  readonly apiPort: number;
  /** The worker's own HTTP port: metrics and health. */
  readonly metricsPort: number;
  /** A PostgreSQL that exists already, in place of the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Whether to end after the sample job. */
  readonly once: boolean;
}

/** Every variable is optional; the others of the services (LOG_LEVEL, REDIS_URL, WORKER_CONCURRENCY …) are passed on to them. */
export function readRunSettings(env: NodeJS.ProcessEnv): RunSettings {
  return {
    dataDirectory: directory(env['DATA_DIR'] ?? '.data'),
    outDirectory: directory(env['OUT_DIR'] ?? 'out'),
    apiPort: port('API_PORT', env['API_PORT'] ?? '8080'),
    metricsPort: port('METRICS_PORT', env['METRICS_PORT'] ?? '9091'),
    databaseUrl: env['DATABASE_URL'] || undefined,
    once: Boolean(env['ONCE']) && env['ONCE'] !== '0',
  };
}

function directory(path: string): string {
  return isAbsolute(path) ? path : join(root, path);
}

function port(name: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new Complaint(`${name} must be a port from 1 to 65535.`);
}
