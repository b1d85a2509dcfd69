import { environment } from '../environment.js';
import { startTestServers, type TestServers } from './servers.js';

declare global {
  // eslint-disable-next-line no-var -- only `var` declares a global
  var testServers: TestServers | undefined;
}

/** Runs once, before the first spec. The variables reach the worker threads, which start later. */
export default async function globalSetup(): Promise<void> {
  const servers = await startTestServers();
  process.env[environment.postgres] = servers.postgresUrl;
  process.env[environment.redis] = servers.redisUrl;
  globalThis.testServers = servers;
  // The runner would force colours on its workers.
  process.env['FORCE_COLOR'] ??= process.stdout.isTTY ? '1' : '0';
}
