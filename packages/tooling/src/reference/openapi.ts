import { join } from 'node:path';
import { freePort, spawnService } from '@tintype/embedded';
import { withMigratedDatabase } from '../migrated-database.js';
import { root } from '../root.js';

/** The description of the API as the API itself serves it. */
export function openapi(): Promise<string> {
  return withMigratedDatabase(async ({ url: databaseUrl, directory }) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const log: string[] = [];
    const api = spawnService({
      entry: join(root, 'services/api/dist/main.js'),
      env: { ...process.env, API_PORT: String(port), DATABASE_URL: databaseUrl, STORAGE_DIR: directory, LOG_FORMAT: 'json' },
      onLine: (line) => log.push(line),
    });
    try {
      await api.untilReady(`${url}/readyz`, 60_000);
      const document: unknown = await (await fetch(`${url}/openapi.json`)).json();
      return `${JSON.stringify(document, undefined, 2)}\n`;
    } catch (error) {
      throw new Error(`The API does not describe itself:\n${log.slice(-10).join('\n')}`, { cause: error });
    } finally {
      await api.stop();
    }
  });
}
