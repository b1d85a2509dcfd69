import { activeTrace } from '@tintype/tracing';
import pino from 'pino';
import pretty from 'pino-pretty';
import type { ProcessSettings } from '../settings/process-settings.js';

export type Logger = pino.Logger;

const secretNames = new Set(['authorization', 'cookie', 'set-cookie', 'x-api-key', 'password', 'secret', 'token', 'signature']);
const secretName = new RegExp(`"(?:${[...secretNames].join('|')})":`, 'i');

/**
 * The log of a process: JSON, or text for people. Messages are constant strings and facts go into fields. Whatever is logged,
 * credentials and the queries of URLs are left out. Lines of what is traced carry `trace_id` and `span_id`. Lines are written at
 * once, so that the last words of a dying process arrive.
 */
export function createLogger(
  settings: Pick<ProcessSettings, 'LOG_LEVEL' | 'LOG_FORMAT'>,
  options: { service: string; version?: string; destination?: pino.DestinationStream },
): Logger {
  const { service, version } = options;
  const format = settings.LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json');
  const destination = options.destination ?? pino.destination({ dest: 1, sync: true });
  return pino(
    {
      level: settings.LOG_LEVEL,
      base: version === undefined ? { service } : { service, version },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      mixin: () => ({ ...activeTrace() }),
      serializers: { url: withoutQuery, err: pino.stdSerializers.errWithCause },
      // Not pino's own `redact`, which looks through every line name by name: measured, five times what the line itself costs.
      hooks: { streamWrite: (line) => withoutWebhookSecrets(withoutUserinfo(withoutSecrets(line))) },
    },
    format === 'pretty'
      ? pretty({ destination, sync: true, colorize: process.stdout.isTTY, ignore: 'pid,hostname,service' })
      : destination,
  );
}

function withoutQuery(url: unknown): unknown {
  return typeof url === 'string' ? url.split('?', 1)[0] : url;
}

/** Nearly every line only has to be looked at. */
function withoutSecrets(line: string): string {
  return secretName.test(line) ? `${JSON.stringify(JSON.parse(line), redacted)}\n` : line;
}

function redacted(name: string, value: unknown): unknown {
  return secretNames.has(name.toLowerCase()) ? '[redacted]' : value;
}

/** Errors of the database may quote what was to be written. */
function withoutWebhookSecrets(line: string): string {
  return line.includes('whsec_') ? line.replaceAll(/whsec_[A-Za-z0-9+/=]+/g, 'whsec_[redacted]') : line;
}

/** Messages of foreign errors may quote a connection string. */
function withoutUserinfo(line: string): string {
  return line.includes('@') ? line.replaceAll(/:\/\/[^\s/@"]+@/g, '://[redacted]@') : line;
}
