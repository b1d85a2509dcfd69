/** Where PostgreSQL is. */
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { z } from 'zod';

export const databaseSettings = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .meta({
      description: 'postgres://user:password@host:port/database; instead of PG_HOST, PG_PORT, PG_USER, PG_PASSWORD and PG_DBNAME',
      secret: true,
    }),
  PG_HOST: z.string().min(1).default('localhost').meta({ description: 'Host of PostgreSQL' }),
  PG_PORT: z.coerce.number().int().min(1).max(65535).default(5432).meta({ description: 'Port of PostgreSQL' }),
  PG_USER: z.string().min(1).default('tintype').meta({ description: 'User of PostgreSQL' }),
  PG_PASSWORD: z.string().min(1).optional().meta({ description: 'Password of PostgreSQL', secret: true }),
  PG_DBNAME: z.string().min(1).default('tintype').meta({ description: 'Name of the database' }),
  PG_SSL: z.enum(['disable', 'require', 'verify-full']).default('disable').meta({
    description:
      'TLS with PostgreSQL: `require` encrypts, `verify-full` also checks the certificate (authorities: NODE_EXTRA_CA_CERTS)',
  }),
  PG_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .default(10)
    .meta({ description: 'Most connections of one process to PostgreSQL' }),
};
export type DatabaseSettings = z.output<z.ZodObject<typeof databaseSettings>>;

export interface PgConnectionOptions {
  readonly connectionString?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly ssl?: TlsOptions;
}

/** In the words of node-postgres. */
export function connectionOptions(settings: DatabaseSettings): PgConnectionOptions {
  const ssl = settings.PG_SSL === 'disable' ? {} : { ssl: { rejectUnauthorized: settings.PG_SSL === 'verify-full' } };
  if (settings.DATABASE_URL) return { connectionString: settings.DATABASE_URL, ...ssl };
  return {
    host: settings.PG_HOST,
    port: settings.PG_PORT,
    user: settings.PG_USER,
    ...(settings.PG_PASSWORD && { password: settings.PG_PASSWORD }),
    database: settings.PG_DBNAME,
    ...ssl,
  };
}
