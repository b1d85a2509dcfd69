import { createRequire } from 'node:module';
import { runService } from '@tintype/platform';
import { workerSettings } from './settings.js';
import { WorkerModule } from './worker.module.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

await runService({
  name: 'worker',
  version,
  settings: workerSettings,
  module: (settings) => WorkerModule.register(settings, { version }),
  port: (settings) => settings.METRICS_PORT,
});
