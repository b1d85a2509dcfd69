/** For the reference pages: the service itself is main.ts. */
export { workerSettings } from './settings.js';
