import 'reflect-metadata';
import { runService } from '@tintype/platform';
import { AppModule } from './app.module.js';
import { configureApplication } from './configure-application.js';
import { apiSettings } from './settings.js';
import { version } from './version.js';

await runService({
  name: 'api',
  version,
  settings: apiSettings,
  module: (settings) => AppModule.register(settings),
  port: ({ API_PORT }) => API_PORT,
  configure: configureApplication,
});
