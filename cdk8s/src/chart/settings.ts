/** The settings of the services in the chart: those that an operator sets under their own name, and those that the chart sets. */
import { apiSettings } from '@tintype/api';
import { processSettings } from '@tintype/platform';
import { workerSettings } from '@tintype/worker';
import type { z } from 'zod';
import { type SettingValue, setting, type Value } from '../helm/values.js';

type Shape = Readonly<Record<string, z.ZodType<SettingValue | undefined>>>;
type Settings = Readonly<Record<string, Value<SettingValue>>>;

/** Every setting that there is. */
export const known = { ...processSettings, ...apiSettings, ...workerSettings };

/** What follows from other values, or from how the pods are made. Every other setting is offered as a value of its own. */
const setByChart: ReadonlySet<string> = new Set<keyof typeof known>([
  'DRAIN_DELAY_SECONDS',
  'SHUTDOWN_TIMEOUT_SECONDS',
  'DRAIN_SECONDS',
  'API_PORT',
  'METRICS_PORT',
  'DATABASE_URL',
  'PG_HOST',
  'PG_PORT',
  'PG_USER',
  'PG_PASSWORD',
  'PG_DBNAME',
  'PG_SSL',
  'QUEUE_BACKEND',
  'REDIS_URL',
  'REDIS_HOST',
  'REDIS_PORT',
  'REDIS_USER',
  'REDIS_PASSWORD',
  'REDIS_DB',
  'REDIS_TLS',
  'STORAGE_DRIVER',
  'STORAGE_DIR',
  'S3_BUCKET',
  'S3_ENDPOINT',
  'S3_REGION',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'S3_FORCE_PATH_STYLE',
  'OTEL_EXPORTER_OTLP_HEADERS',
]);

export const shared = offered(
  { ...processSettings, ...apiSettings },
  (name) => name in processSettings || name in workerSettings,
);
export const apiOnly = offered(apiSettings, (name) => !(name in shared));
export const workerOnly = offered(workerSettings, (name) => !(name in shared));

function offered(shape: Shape, belongs: (name: string) => boolean): Settings {
  const entries = Object.entries(shape).filter(([name]) => belongs(name) && !setByChart.has(name));
  return Object.fromEntries(entries.map(([name, schema]) => [name, setting(schema)]));
}

/** Ports are the same in every pod: where the services listen when nobody says otherwise. */
export const ports = { api: Number(setting(known.API_PORT).default), worker: Number(setting(known.METRICS_PORT).default) };
