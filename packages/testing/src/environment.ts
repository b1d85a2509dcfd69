/** How Jest's global setup tells the specs, which run in worker threads, where its servers are. */
export const environment = {
  /** Superuser's URL of the test run's PostgreSQL. */
  postgres: 'TINTYPE_TEST_POSTGRES_URL',
  /** URL of the test run's Redis, without a database number. */
  redis: 'TINTYPE_TEST_REDIS_URL',
} as const;

export function serverUrl(server: keyof typeof environment): string {
  const url = process.env[environment[server]];
  if (!url) throw new Error(`${environment[server]} is not set: run this through Jest with the repository's jest.config.mjs`);
  return url;
}
