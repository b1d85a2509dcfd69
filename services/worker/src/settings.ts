import { type DynamicModule, Global, Module } from '@nestjs/common';
import { databaseSettings, queueSettings, sourceUrlSettings } from '@tintype/jobs';
import { outboundSettings } from '@tintype/outbound';
import { processSettings, type SettingsOf } from '@tintype/platform';
import { storageSettings } from '@tintype/storage';
import { imageLimitSettings } from '@tintype/operations';
import { z } from 'zod';
import { retentionSettings } from './upkeep/retention-settings.js';

/** The most that JOB_TIMEOUT_SECONDS may be. */
export const longestJobSeconds = 3600;

/** The environment variables of the worker, beside those that every service has. */
export const workerSettings = {
  ...databaseSettings,
  ...queueSettings,
  ...storageSettings,
  ...imageLimitSettings,
  ...sourceUrlSettings,
  SOURCE_TIMEOUT_SECONDS: z
    .int()
    .min(1)
    .max(300)
    .default(30)
    .meta({ description: 'How long fetching a source by its URL may take, redirects and all' }),
  ...outboundSettings,
  METRICS_PORT: z.int().min(0).max(65_535).default(9091).meta({ description: 'Port of /metrics, /livez, /readyz and /startupz' }),
  WORKER_CONCURRENCY: z.int().min(1).max(256).optional().meta({
    description:
      'Jobs that run at the same time, each in a process of its own. Default: processors + 1, as far as memory allows (400 MB each)',
  }),
  JOB_TIMEOUT_SECONDS: z
    .int()
    .min(1)
    .max(longestJobSeconds)
    .default(60)
    .meta({ description: 'A job that is processed for longer fails with `processing_timeout`' }),
  CHILD_MEMORY_MB: z.int().min(64).optional().meta({
    description:
      'A job whose process holds more fails with `memory_limit_exceeded`. Default: an equal share of the memory limit, between 400 and 1024',
  }),
  CHILD_MAX_JOBS: z
    .int()
    .min(1)
    .default(2000)
    .meta({ description: 'Jobs after which an image process is replaced by a fresh one' }),
  ...retentionSettings,
  DRAIN_SECONDS: z.int().min(0).max(3600).default(45).meta({
    description:
      'How long running jobs may go on after SIGTERM; then other workers take them over. Keep it below the grace period of the pod',
  }),
};

export type WorkerSettings = SettingsOf<typeof workerSettings & typeof processSettings>;

/** Injects the {@link WorkerSettings}. */
export const SETTINGS = Symbol('SETTINGS');

@Global()
@Module({})
export class SettingsModule {
  static register(settings: WorkerSettings): DynamicModule {
    const provider = { provide: SETTINGS, useValue: settings };
    return { module: SettingsModule, providers: [provider], exports: [provider] };
  }
}
