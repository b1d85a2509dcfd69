import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/** Nest tells of every module and route while it starts: of use only to who looks for it. */
const chattyContexts = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication']);

/** Lets Nest, and whoever uses its Logger, write to ours. Nest passes the context as the last parameter. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    const { context } = split(rest);
    this.#write(context !== undefined && chattyContexts.has(context) ? 'debug' : 'info', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }

  #write(level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace', message: unknown, rest: unknown[]): void {
    const { context, fields } = split(rest);
    if (message instanceof Error) this.logger[level]({ context, ...fields, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.logger[level]({ context, ...fields, ...message });
    else this.logger[level]({ context, ...fields }, String(message));
  }
}

/** Nest's parameters after the message: errors and objects become fields, a stack is a string of lines, the last string the context. */
function split(rest: unknown[]): { context: string | undefined; fields: Record<string, unknown> } {
  const fields: Record<string, unknown> = {};
  let context: string | undefined;
  for (const value of rest) {
    if (value instanceof Error) fields['err'] = value;
    else if (typeof value === 'object' && value !== null) Object.assign(fields, value);
    else if (typeof value === 'string' && value.includes('\n')) fields['stack'] = value;
    else if (typeof value === 'string') context = value;
  }
  return { context, fields };
}
