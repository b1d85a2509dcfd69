/** The settings of the API, beside those that every process has. */
import { databaseSettings, queueSettings } from '@tintype/jobs';
import { inputFormatSettings } from '@tintype/operations';
import type { SettingsOf } from '@tintype/platform';
import { storageSettings } from '@tintype/storage';
import { z } from 'zod';

export const apiSettings = {
  API_PORT: z.int().min(0).max(65535).default(8080).meta({ description: 'Port of the API' }),
  UPLOAD_MAX_BYTES: z
    .int()
    .min(1024)
    .default(25 * 1024 * 1024)
    .meta({ description: 'Largest image that is accepted, in bytes' }),
  MAX_WAIT_SECONDS: z
    .number()
    .min(0)
    .max(300)
    .default(60)
    .meta({ description: 'How long a request may wait for the end of a job at most, whatever its client asks for' }),
  REQUEST_TIMEOUT_SECONDS: z
    .number()
    .min(1)
    .max(3600)
    .default(120)
    .meta({ description: 'How long a request may take to arrive, its upload included' }),
  PRESETS_DIR: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Directory with presets of your own, as *.json files; beside the built-in ones' }),
  ...databaseSettings,
  ...queueSettings,
  ...storageSettings,
  ...inputFormatSettings,
};
export type ApiSettings = SettingsOf<typeof apiSettings>;

/** Injection token of ApiSettings. */
export const API_SETTINGS = Symbol('API_SETTINGS');
