/** The worker, but with the children of mischief-child.ts. */
import { fileURLToPath } from 'node:url';
import { runService } from '@tintype/platform';
import { workerSettings } from '../settings.js';
import { WorkerModule } from '../worker.module.js';

const childProgram = fileURLToPath(new URL('mischief-child.js', import.meta.url));

await runService({
  name: 'worker',
  version: 'test',
  settings: workerSettings,
  module: (settings) => WorkerModule.register(settings, { version: 'test', childProgram }),
  port: (settings) => settings.METRICS_PORT,
});
