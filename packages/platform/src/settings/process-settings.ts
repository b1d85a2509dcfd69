import { tracingSettings } from '@tintype/tracing';
import { z } from 'zod';
import type { SettingsOf } from './load.js';

/** What every service has. */
export const processSettings = {
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ description: 'The least severe log lines that are written' }),
  LOG_FORMAT: z.enum(['json', 'pretty']).optional().meta({
    description: 'One JSON object for each line, or text for people; without it, text on a terminal and JSON elsewhere',
  }),
  DRAIN_DELAY_SECONDS: z.number().min(0).max(300).default(0).meta({
    description:
      'How long a stopping service goes on serving while it says that it is not ready, so that load balancers learn it',
  }),
  SHUTDOWN_TIMEOUT_SECONDS: z.number().min(1).max(3600).default(50).meta({
    description: 'How long a stopping service may take for what it has begun, after the drain delay; then it exits with code 1',
  }),
  KEEP_ALIVE_SECONDS: z.number().min(1).max(3600).default(65).meta({
    description:
      'How long an idle connection is kept open; it must be longer than a load balancer in front keeps it, which is 600 for that of Google',
  }),
  ...tracingSettings,
};

export type ProcessSettings = SettingsOf<typeof processSettings>;
