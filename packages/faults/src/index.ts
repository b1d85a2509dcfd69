/** For others that want the services with everything around them, and to break it. */
export type { Change } from './changes/change.js';
export { checkoutWith, prepareCheckouts, root } from './changes/checkout.js';
export { shortLeases } from './changes/short-waits.js';
export { fair } from './changes/weather.js';
export type { Place } from './site/fleet.js';
export { lastingPort } from './site/ports.js';
export { poisonRecipe, quickRecipes } from './site/recipes.js';
export type { Receiver } from './site/receiver.js';
export { closeRun, openRun } from './site/run-directory.js';
export { Site, type SiteOptions } from './site/site.js';
