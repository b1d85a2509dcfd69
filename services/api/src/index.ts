/** What documents and charts are generated from. */
export { describeApiOffline } from './docs/describe-offline.js';
export { apiSettings, type ApiSettings } from './settings.js';
