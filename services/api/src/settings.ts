/** The settings of the API, beside those that every process has. */
import { databaseSettings, queueSettings, sourceUrlSettings } from '@tintype/jobs';
import { incomingFileSettings } from '@tintype/operations';
import { outboundSettings } from '@tintype/outbound';
import type { SettingsOf } from '@tintype/platform';
import { storageSettings } from '@tintype/storage';
import { z } from 'zod';

export const apiSettings = {
  API_PORT: z.int().min(0).max(65535).default(8080).meta({ description: 'Port of the API' }),
  MAX_WAIT_SECONDS: z
    .number()
    .min(0)
    .max(300)
    .default(60)
    .meta({ description: 'How long a request may wait for the end of a job at most, whatever its client asks for' }),
  EVENT_STREAMS_MAX: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .meta({ description: 'How many clients of one process may follow jobs by their events at a time' }),
  REQUEST_TIMEOUT_SECONDS: z
    .number()
    .min(1)
    .max(3600)
    .default(120)
    .meta({ description: 'How long a request may take to arrive, its upload included' }),
  UPLOADS_IN_FLIGHT_MAX: z
    .int()
    .min(1)
    .default(64)
    .meta({ description: 'How many uploads one process receives at a time; more are refused with 503' }),
  BACKLOG_MAX_JOBS: z
    .int()
    .min(1)
    .default(100_000)
    .meta({ description: 'How many jobs may wait, over all processes; more are refused with 503 until some are done' }),
  WEBHOOK_TIMEOUT_SECONDS: z
    .number()
    .min(1)
    .max(60)
    .default(15)
    .meta({ description: 'How long an endpoint may take to answer a webhook' }),
  PRESETS_DIR: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Directory with presets of your own, as *.json files; beside the built-in ones' }),
  ...databaseSettings,
  ...queueSettings,
  ...storageSettings,
  ...incomingFileSettings,
  ...sourceUrlSettings,
  ...outboundSettings,
};
export type ApiSettings = SettingsOf<typeof apiSettings>;

/** Injection token of ApiSettings. */
export const API_SETTINGS = Symbol('API_SETTINGS');
